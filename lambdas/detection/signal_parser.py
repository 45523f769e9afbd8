"""Parses a message of the signal queue into a Signal or a Notification.

A signal is CloudTrail's record of a failed call, a program's report of one, the message of `read_logs` about
refused calls in a log, or the tracker's message about a changed key. A notification is one that another
function sent, or Secrets Manager's record of a failed rotation. Only EventBridge and the remediator's own
functions may write to the queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from lambdas.aws.domain.iam import Caller
from lambdas.aws.json_fields import json_object, text
from lambdas.detection import log_messages, report_parser
from lambdas.detection.cloudtrail_parser import parse_failed_call
from lambdas.detection.domain.signal import Signal
from lambdas.ledger import key_state_messages
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.rotation import notification_messages, rotation_failure_parser
from lambdas.rotation.domain.notification import Notification
from lambdas.text import printable

NO_CALLER = Caller(source="", user_agent="")


def parse_message(body: str, sent_at: datetime | None = None) -> Signal | Notification | None:
    """None if the message is a record without an error. `sent_at`: when it reached the queue, if known.

    Raises PermanentError if it is neither a signal nor a notification.
    """
    event = json_object(body)
    match event.get("detail-type"):
        case log_messages.DETAIL_TYPE:
            return log_messages.parse_refused_calls(event)
        case notification_messages.DETAIL_TYPE:
            return notification_messages.parse_notification(event)
        case rotation_failure_parser.DETAIL_TYPE:
            return rotation_failure_parser.parse_failed_rotation(event)
        case key_state_messages.PREDICTED_OUTAGE | key_state_messages.LEAK | key_state_messages.OTHER_CHANGE:
            return _parse_change(event)
        case report_parser.DETAIL_TYPE:
            return report_parser.parse_report(event, sent_at)
    return parse_failed_call(event)


def _parse_change(event: Mapping[str, object]) -> Signal:
    change = key_state_messages.parse_change(event)
    signal = _change_signal(change, text(event.get("account")))
    if event["detail-type"] == key_state_messages.OTHER_CHANGE:
        return replace(signal, state_change=change)
    return replace(signal, predicted_outage=change)


def _change_signal(change: KeyStateChange, account: str) -> Signal:
    return Signal(
        access_key_id=change.access_key_id,
        error_code="",
        error_message="",
        service="iam",
        operation=change.event_name,
        region="",
        account=printable(account),
        principal=change.by,
        principal_type="",
        caller=NO_CALLER,
        made_by_aws=False,
        occurred_at=change.at,
    )
