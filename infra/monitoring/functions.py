"""Alarms for the functions as such: one fails, work waits for one, or one does not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Stats

from infra.functions.schedule import HOUR, MINUTE
from infra.monitoring.alarms import LATE_SECONDS, REPEATED, total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_cloudwatch import IMetric
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sqs import Queue

    from infra.monitoring.alarms import Alarms

FIVE_MINUTES = Duration.minutes(5)
SCHEDULE_ADVICE = (
    "check that its schedule, an EventBridge rule of this stack, exists and is enabled, and that the "
    "function is not throttled. Deploying the stack again reverts manual changes."
)


def watch_errors(alarms: Alarms, functions: Mapping[str, Function]) -> None:
    """Throttles are not watched: they show as late messages, or as a run that is missing.

    Nor is `rotate_key`, because every refusal is an error, nor `retire_keys`, which runs once an hour.
    """
    names = ", ".join(function.function_name for function in functions.values())
    alarms.alarm_when_any(
        "FunctionErrors",
        total({name: function.metric_errors(period=MINUTE) for name, function in functions.items()}),
        f"One of the functions {names} failed in two of the last ten minutes, or ran out of time or memory. "
        "Its work is late: messages are retried and then moved to the dead-letter queue, scheduled work is "
        "resumed by the next run. Find the error in the function's log. If a deployment caused it, roll the "
        "deployment back.",
        window=REPEATED,
    )


def watch_waiting_messages(alarms: Alarms, queues: Mapping[str, Queue]) -> None:
    names = ", ".join(queue.queue_name for queue in queues.values())
    alarms.alarm_when_any_is_late(
        "LateMessages",
        {
            name: queue.metric_approximate_age_of_oldest_message(period=MINUTE, statistic=Stats.MAXIMUM)
            for name, queue in queues.items()
        },
        f"A message has waited {LATE_SECONDS} seconds in one of the queues {names}; a few seconds are "
        "normal. Alerts, predictions or enrolments are late. Check that the function of the queue is not "
        "throttled (the account's concurrency may be used up), and that its event source mapping is enabled. "
        "Messages are lost after four days in the queue.",
    )


def watch_timer(alarms: Alarms, alert_timer: Function, *, always: IMetric) -> None:
    alarms.alarm_when_missing(
        "TimerDidNotRun",
        "runs",
        {"runs": alert_timer.metric_invocations()},
        f"Function {alert_timer.function_name} has not run for ten minutes; it should run every minute. "
        "Pending alerts, updates, digests and closings are late, and unknown keys are not checked again. "
        f"What to do: {SCHEDULE_ADVICE}",
        always=always,
        period=FIVE_MINUTES,
        periods=2,
    )


def watch_retirement_runs(alarms: Alarms, retire_keys: Function, *, always: IMetric) -> None:
    """The first run is an hour after the deployment. One failed run is repaired by the next one."""
    alarms.alarm_when_missing(
        "RetireKeysDidNotRun",
        "runs - errors",
        {"runs": retire_keys.metric_invocations(), "errors": retire_keys.metric_errors()},
        f"Function {retire_keys.function_name} has not completed a run for two hours; it should run every "
        "hour. Replaced keys stay active, and an interrupted rotation can block the next one. Look for an "
        f"error in its log. If it did not run, {SCHEDULE_ADVICE}",
        always=always,
        period=HOUR,
        periods=2,
    )
