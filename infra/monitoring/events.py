"""Alarms for events that EventBridge could not deliver, and for messages that nobody could process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_cloudwatch import Metric, Stats

from infra.functions.schedule import MINUTE
from infra.monitoring.alarms import total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudwatch import IMetric
    from aws_cdk.aws_sqs import Queue

    from infra.detection.rules import SignalRule
    from infra.monitoring.alarms import Alarms


def watch_dead_letters(alarms: Alarms, dead_letters: Queue, description: str) -> None:
    """It shows every event that a rule could not deliver too, because the rules have this queue."""
    waiting = dead_letters.metric_approximate_number_of_messages_visible(
        period=MINUTE, statistic=Stats.MAXIMUM
    )
    alarms.alarm_when_any("DeadLetters", waiting, description)


def watch_lost_events(alarms: Alarms, rules: Sequence[SignalRule], dead_letters: Queue) -> None:
    """FailedInvocations is not watched: what a rule failed to deliver is in the dead-letter queue.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    lost = {f"rule{number}": _lost_by(rule) for number, rule in enumerate(rules, start=1)}
    names = ", ".join(rule.name for rule in rules)
    alarms.alarm_when_any(
        "LostEvents",
        total(lost),
        f"One of the EventBridge rules {names} could deliver an event neither to its target nor to queue "
        f"{dead_letters.queue_name}. The event is lost: an alert may be missing, or the ledger may be out of "
        "date until the next sync. The queue, its policy or the target was probably changed or deleted by "
        "hand. Deploy the stack again.",
    )


def _lost_by(rule: SignalRule) -> IMetric:
    return Metric(
        namespace="AWS/Events",
        metric_name="InvocationsFailedToBeSentToDlq",
        dimensions_map=rule.dimensions,
        statistic=Stats.SUM,
        period=MINUTE,
    )
