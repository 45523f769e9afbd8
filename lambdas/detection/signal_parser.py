"""What waits in the signal queue becomes a Signal: CloudTrail's record of a failed call, or the tracker's
word that a key in use was switched off; or a Notification: a function's word of what came of a managed
secret, or Secrets Manager's record of it. Only EventBridge and our own functions may write to the queue.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.iam import Caller
from lambdas.aws.json_fields import json_object, mapping, text, utc_time
from lambdas.detection.cloudtrail_parser import parse_failed_call
from lambdas.detection.domain.signal import Signal
from lambdas.errors import PermanentError
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.ledger.key_state_messages import CHANGED_TYPE, DETAIL_TYPE
from lambdas.rotation.notification_messages import DETAIL_TYPE as NOTIFICATION
from lambdas.rotation.notification_messages import parse_notification
from lambdas.rotation.rotation_failure_parser import DETAIL_TYPE as SERVICE_EVENT
from lambdas.rotation.rotation_failure_parser import parse_failed_rotation
from lambdas.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.rotation.domain.notification import Notification

NOBODY = Caller(source="", user_agent="")


def parse_message(body: str) -> Signal | Notification | None:
    """None when the body is of a record that tells of no error. Raises PermanentError for anything else
    that is neither.
    """
    event = json_object(body)
    if event.get("detail-type") == NOTIFICATION:
        return parse_notification(event)
    if event.get("detail-type") == SERVICE_EVENT:
        return parse_failed_rotation(event)
    if event.get("detail-type") == DETAIL_TYPE:
        return _switched_off(event, mapping(event.get("detail")))
    if event.get("detail-type") == CHANGED_TYPE:
        signal = _switched_off(event, mapping(event.get("detail")))
        return replace(signal, switched_off=None, changed=signal.switched_off)
    return parse_failed_call(event)


def _switched_off(event: Mapping[str, object], detail: Mapping[str, object]) -> Signal:
    key_id, at = text(detail.get("accessKeyId")), utc_time(detail.get("at"))
    if not looks_like_an_id(key_id) or at is None:
        raise PermanentError("the event does not say which key was switched off, or when")
    name = printable(text(detail.get("eventName")))
    return Signal(
        access_key_id=key_id,
        error_code="",
        error_message="",
        service="iam",
        operation=name,
        region="",
        account=printable(text(event.get("account"))),
        principal=printable(text(detail.get("by"))),
        principal_type="",
        caller=NOBODY,
        made_by_aws=False,
        occurred_at=at,
        switched_off=KeyStateChange(
            access_key_id=key_id,
            event_name=name,
            at=at,
            by=printable(text(detail.get("by"))),
            user_name=text(detail.get("userName")),
        ),
    )
