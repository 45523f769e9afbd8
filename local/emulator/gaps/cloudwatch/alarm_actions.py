"""What an alarm may notify.

AWS documents that an alarm publishes as cloudwatch.amazonaws.com: the topic's policy, and with a customer's
key the key's policy, must let it; otherwise the action fails and only the alarm's history says so. The
emulator publishes without asking.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core.responses import get_account_id
from ministack.services import cloudwatch, sns

from local.emulator.permissions import customer_key_arn, service_may

CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
ACTION_FIELDS: Final = ("AlarmActions", "OKActions", "InsufficientDataActions")


def fill() -> None:
    dispatch = cloudwatch._dispatch_alarm_actions

    def dispatch_permitted(alarm: dict[str, Any], before: str, after: str, reason: str) -> None:
        permitted = {
            field: [action for action in alarm.get(field) or [] if _may_notify(alarm, action)]
            for field in ACTION_FIELDS
        }
        dispatch({**alarm, **permitted}, before, after, reason)

    cloudwatch._dispatch_alarm_actions = dispatch_permitted


def _may_notify(alarm: dict[str, Any], topic_arn: str) -> bool:
    topic: dict[str, Any] = sns._topic_by_arn_any_scope(topic_arn) or {}
    key = customer_key_arn(topic.get("attributes", {}))
    source = {"aws:SourceArn": alarm["AlarmArn"], "aws:SourceAccount": get_account_id()}
    wanted = [("sns:Publish", topic_arn)]
    wanted += [(action, key) for action in ("kms:GenerateDataKey", "kms:Decrypt") if key]
    denied = [action for action, resource in wanted if not service_may(CLOUDWATCH, action, resource, source)]
    if denied:
        state = alarm["StateValue"]
        cloudwatch._record_history(
            alarm["AlarmName"], state, state, f"Failed to notify {topic_arn}: {denied}"
        )
    return not denied
