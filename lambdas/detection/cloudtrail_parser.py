"""Parses the CloudTrail record of a failed call, in its EventBridge envelope, into a Signal.

Any field may be absent, null, empty or of another type (aws-facts 1.6). A record is rejected only if it
lacks a field that every signal needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.redaction import REMOVED, without_secrets
from lambdas.aws.json_fields import mapping, text, utc_time
from lambdas.detection.domain.signal import Signal
from lambdas.errors import PermanentError
from lambdas.text import printable

_MAX_FIELD_LENGTH = 1024  # CloudTrail cuts error and user agent at 1 KB (aws-facts 1.5)
_AWS_SERVICE = "AWSService"
_FIRST_YEAR = 2006  # AWS was launched


def parse_failed_call(envelope: Mapping[str, object]) -> Signal | None:
    """Parses an EventBridge event. None if its record has no error.

    Raises PermanentError if it is not a CloudTrail event, or has no time of the call.
    """
    record = envelope.get("detail")
    if not isinstance(record, dict):
        raise PermanentError("the event has no detail object")
    code = record.get("errorCode")
    if code is not None and not isinstance(code, str):
        raise PermanentError("the record's errorCode is not text")
    return _to_signal(envelope, record) if code else None


def _to_signal(envelope: Mapping[str, object], record: Mapping[str, object]) -> Signal:
    identity = mapping(record.get("userIdentity"))
    occurred_at = utc_time(record.get("eventTime")) or utc_time(envelope.get("time"))
    if occurred_at is None or occurred_at.year < _FIRST_YEAR:
        raise PermanentError("the record has no usable eventTime")
    read = _FieldReader(text(identity.get("accessKeyId")))
    return Signal(
        access_key_id=read.access_key_id,
        error_code=read(record, "errorCode"),
        error_message=read(record, "errorMessage"),
        service=read(record, "eventSource").removesuffix(".amazonaws.com"),
        operation=read(record, "eventName"),
        region=read(record, "awsRegion") or read(envelope, "region"),
        account=read(record, "recipientAccountId") or read(envelope, "account"),
        principal=read(identity, "principalId") or read(identity, "arn") or read(identity, "type"),
        principal_type=read(identity, "type"),
        caller=Caller(
            source=printable(read(record, "sourceIPAddress")), user_agent=printable(read(record, "userAgent"))
        ),
        made_by_aws=identity.get("type") == _AWS_SERVICE or bool(text(identity.get("invokedBy"))),
        occurred_at=occurred_at,
    )


@dataclass(frozen=True)
class _FieldReader:
    """Reads a text field as one printable line, with everything that may be a secret removed."""

    access_key_id: str  # removed from every field if it is malformed, because it may be a secret

    def __call__(self, fields: Mapping[str, object], name: str) -> str:
        value = text(fields.get(name))
        if self.access_key_id.strip() and not looks_like_an_id(self.access_key_id):
            value = value.replace(self.access_key_id, REMOVED).replace(self.access_key_id.strip(), REMOVED)
        return printable(without_secrets(value), _MAX_FIELD_LENGTH)
