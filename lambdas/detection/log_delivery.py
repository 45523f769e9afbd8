"""Reads what CloudWatch Logs delivers to a subscribed function: log events as JSON, in gzip, in base64.

CloudWatch Logs user guide, Log group-level subscription filters, Example 2.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from lambdas.aws.json_fields import json_object, mapping, mappings, text
from lambdas.detection.domain.log_line import find_refusal
from lambdas.detection.domain.refusal import LoggedRefusal, fold
from lambdas.errors import PermanentError
from lambdas.text import printable

_DATA = "DATA_MESSAGE"  # a CONTROL_MESSAGE only checks whether the function can be reached
_MAX_LOG_GROUP_NAME = 512  # CloudWatch Logs API reference, CreateLogGroup


def refusals_in(event: Mapping[str, object]) -> tuple[LoggedRefusal, ...]:
    """The refused calls whose lines name the key. Raises PermanentError for an event of another service."""
    delivery = json_object(_decoded(text(mapping(event.get("awslogs")).get("data"))))
    return fold([each for each in _refusals(delivery) if each.refusal.access_key_id])


def _refusals(delivery: Mapping[str, object]) -> Iterator[LoggedRefusal]:
    if delivery.get("messageType") != _DATA:
        return
    log_group = printable(text(delivery.get("logGroup")), _MAX_LOG_GROUP_NAME)
    for log_event in mappings(delivery.get("logEvents")):
        refusal = find_refusal(text(log_event.get("message")))
        if refusal:
            yield LoggedRefusal(refusal=refusal, log_group=log_group, last_seen=_time(log_event))


def _decoded(data: str) -> str:
    try:
        return gzip.decompress(base64.b64decode(data, validate=True)).decode()
    except (ValueError, EOFError, OSError, zlib.error):
        raise PermanentError("the event is not a delivery of CloudWatch Logs") from None


def _time(log_event: Mapping[str, object]) -> datetime:
    """In milliseconds since 1970. The application chooses it: within 14 days back and 2 hours ahead
    (CloudWatch Logs API reference, PutLogEvents).
    """
    timestamp = log_event.get("timestamp")
    try:
        return datetime.fromtimestamp(float(str(timestamp)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise PermanentError("a log event has no usable time") from None
