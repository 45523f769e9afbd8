"""Counts the calls with a key that AWS authenticated, by caller, service and region, from CloudTrail records.

A call that was denied for want of a permission is a use of the key like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lambdas.aws.domain.error_codes import (
    INCOMPLETE_CODES,
    KEY_FAILURE_CODES,
    RELATED_CODES,
    strip_client_prefix,
)
from lambdas.aws.domain.iam import Caller, Usage
from lambdas.aws.domain.redaction import without_secrets
from lambdas.aws.domain.user_agent import without_features
from lambdas.aws.json_fields import mapping, text, utc_time
from lambdas.text import printable

_NOT_AUTHENTICATED = KEY_FAILURE_CODES | RELATED_CODES | INCOMPLETE_CODES


def parse_authenticated_call(record: Mapping[str, object], access_key_id: str) -> Usage | None:
    """None unless the record is of a call signed with this key, and AWS did not reject the credentials."""
    at = utc_time(record.get("eventTime"))
    if mapping(record.get("userIdentity")).get("accessKeyId") != access_key_id or at is None:
        return None
    if strip_client_prefix(text(record.get("errorCode"))) in _NOT_AUTHENTICATED:
        return None
    agent = without_features(without_secrets(text(record.get("userAgent"))))
    return Usage(
        caller=Caller(
            source=printable(text(record.get("sourceIPAddress"))),
            user_agent=printable(agent),
            vpc_endpoint=printable(text(record.get("vpcEndpointId"))),
        ),
        service=printable(text(record.get("eventSource")).removesuffix(".amazonaws.com")),
        region=printable(text(record.get("awsRegion"))),
        calls=1,
        last_at=at,
    )


def count_calls(calls: Iterable[Usage]) -> tuple[Usage, ...]:
    """One Usage for each caller, service and region, most calls first."""
    groups: dict[tuple[Caller, str, str], list[Usage]] = {}
    for call in calls:
        groups.setdefault((call.caller, call.service, call.region), []).append(call)
    usages = [
        replace(same[0], calls=len(same), last_at=max(call.last_at for call in same))
        for same in groups.values()
    ]
    return tuple(sorted(usages, key=lambda usage: (-usage.calls, usage.service, usage.region)))
