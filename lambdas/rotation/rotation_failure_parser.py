"""Reads Secrets Manager's own records of failed rotations: the service events RotationFailed and
RotationAbandoned of CloudTrail. They report what the rotation function could not: that it was not run, that
it crashed, or ran out of time. They contain no reason.

The secret is in `additionalEventData.SecretId` or `serviceEventDetails.secretId`, the token at the end of
`requestID` (aws-facts 5; https://github.com/aws-samples, a published RotationSucceeded). RotationAbandoned
is also recorded when the label AWSPENDING is removed, as retire_keys does long after a failure, and a fail
over long after a success.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lambdas.aws.json_fields import mapping, text, utc_time
from lambdas.errors import PermanentError
from lambdas.rotation.domain.notification import (
    UNREPORTED_AFTER,
    Notification,
    NotificationKind,
    failed_id,
    succeeded_id,
)
from lambdas.rotation.domain.secret_description import secret_name_of
from lambdas.text import printable

DETAIL_TYPE = "AWS Service Event via CloudTrail"
FAILED, ABANDONED = "RotationFailed", "RotationAbandoned"
_STEP = re.compile(r"during (createSecret|setSecret|testSecret|finishSecret) step")
_REASONS = {
    FAILED: "the rotation function did not report why: it was not run, crashed or timed out",
    ABANDONED: (
        "Secrets Manager abandoned it, because the label AWSPENDING was removed or moved to another version"
    ),
}


def parse_failed_rotation(event: Mapping[str, object]) -> Notification | None:
    """`event` is an EventBridge event. None for any other record. Raises PermanentError if the record does
    not name the secret and the time.
    """
    record = mapping(event.get("detail"))
    event_name = text(record.get("eventName"))
    if event_name not in _REASONS:
        return None
    secret, at = _secret(record), utc_time(record.get("eventTime"))
    if not secret or at is None:
        raise PermanentError("the record does not say which rotation failed, or when")
    name, token = printable(secret_name_of(secret), 512), _token(record, secret)
    step = _STEP.search(text(record.get("errorMessage")))
    rotation = token or f"{at:%Y-%m-%d}"  # without a token, one failure a day is reported for the secret
    return Notification(
        notification_id=failed_id(name, rotation),
        kind=NotificationKind.ROTATION_FAILED,
        at=at,
        secret_name=name,
        user_name="",
        step=step[1] if step else "",
        reason=_REASONS[event_name],
        facts=("The first link below shows which key AWSCURRENT contains.",),
        token=token,
        unless_sent=succeeded_id(name, rotation),
        unless_finished=event_name == ABANDONED,
        not_before=at + UNREPORTED_AFTER,
    )


def _secret(record: Mapping[str, object]) -> str:
    found = mapping(record.get("additionalEventData")).get("SecretId")
    return text(found) or text(mapping(record.get("serviceEventDetails")).get("secretId"))


def _token(record: Mapping[str, object], secret: str) -> str:
    """Empty if the record does not contain it."""
    request, prefix = text(record.get("requestID")), f"Rotation-{secret}-"
    return printable(request.removeprefix(prefix), 64) if request.startswith(prefix) else ""
