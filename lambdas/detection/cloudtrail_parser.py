"""Parses the CloudTrail record of a failed call, in its EventBridge envelope, into a Signal.

Any field may be absent, null, empty or of another type (aws-facts 1.6). A record is rejected only if it
lacks a field that every signal needs.
"""

from __future__ import annotations

from collections.abc import Mapping

from lambdas.aws.domain.error_codes import (
    INCOMPLETE_CODES,
    ErrorClass,
    classify_error,
    strip_client_prefix,
)
from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.redaction import secret_in_credential, without_secrets
from lambdas.aws.domain.user_agent import without_features
from lambdas.aws.json_fields import mapping, text, utc_time
from lambdas.detection.domain.signal import Signal
from lambdas.detection.untrusted_fields import FIRST_YEAR, MAX_FIELD_LENGTH, by_caller
from lambdas.errors import PermanentError
from lambdas.text import printable

_AWS_SERVICE = "AWSService"


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
    if occurred_at is None or occurred_at.year < FIRST_YEAR:
        raise PermanentError("the record has no usable eventTime")
    access_key_id, code = _sent_as_id(record, identity), _by_aws(record, "errorCode")
    message = by_caller(record, "errorMessage", access_key_id)
    return Signal(
        access_key_id=access_key_id,
        error_code=code,
        error_message=message,
        raw_error_class=_raw_class(record, code, message),
        service=_by_aws(record, "eventSource").removesuffix(".amazonaws.com"),
        operation=_by_aws(record, "eventName"),
        region=_by_aws(record, "awsRegion") or _by_aws(envelope, "region"),
        account=_by_aws(record, "recipientAccountId") or _by_aws(envelope, "account"),
        principal=_by_aws(identity, "principalId") or _by_aws(identity, "arn") or _by_aws(identity, "type"),
        principal_type=_by_aws(identity, "type"),
        caller=Caller(
            source=printable(_by_aws(record, "sourceIPAddress")),
            user_agent=printable(without_features(by_caller(record, "userAgent", access_key_id))),
            vpc_endpoint=_by_aws(record, "vpcEndpointId"),
        ),
        made_by_aws=identity.get("type") == _AWS_SERVICE or bool(text(identity.get("invokedBy"))),
        occurred_at=occurred_at,
        event_id=_by_aws(record, "eventID"),
    )


def _sent_as_id(record: Mapping[str, object], identity: Mapping[str, object]) -> str:
    """A secret with a slash is in the error message only, if AWS did not find where the id ends."""
    is_incomplete = strip_client_prefix(text(record.get("errorCode"))) in INCOMPLETE_CODES
    quoted = secret_in_credential(text(record.get("errorMessage"))) if is_incomplete else ""
    return quoted or text(identity.get("accessKeyId"))


def _raw_class(record: Mapping[str, object], code: str, message: str) -> ErrorClass | None:
    """None if code and message say the same without what may be a secret."""
    unmasked = (printable(text(record.get(name)), MAX_FIELD_LENGTH) for name in ("errorCode", "errorMessage"))
    raw = classify_error(*unmasked)
    return None if raw is classify_error(code, message) else raw


def _by_aws(fields: Mapping[str, object], name: str) -> str:
    """A field in AWS's own words, which stays as it is if one of them was sent as an id. Nothing decides by
    a text that looks like a secret, so such a text is removed here too.
    """
    return printable(without_secrets(text(fields.get(name))), MAX_FIELD_LENGTH)
