"""Tells the operators that the remediator itself is broken, so that silence means only that all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Stats

from infra.detection.queues import MAX_RECEIVES
from infra.monitoring.alarms import LATE_SECONDS, MINUTE, own_metric
from lambdas.observability import FAILED_RECORDS, OVERDUE_SECONDS

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function

    from infra.detection.queues import Intake
    from infra.monitoring.alarms import Alarms
    from infra.monitoring.functions import Functions

FIVE_MINUTES = Duration.minutes(5)


def watch_queues(alarms: Alarms, intake: Intake, functions: Functions) -> None:
    signals, dead_letters = intake.signal_queue, intake.dead_letter_queue
    remediate, track_keys = functions.remediate.function_name, functions.track_keys.function_name
    alarms.alarm_when_any(
        "DeadLetters",
        dead_letters.metric_approximate_number_of_messages_visible(period=MINUTE, statistic=Stats.MAXIMUM),
        "Signals of refused access keys, or records of what was done to keys, were given up: somebody "
        f"may not have been told. Read the messages in {dead_letters.queue_name}. The "
        "attribute `reason` says what is malformed; ERROR_CODE, why EventBridge could not deliver; "
        f"without either, function {remediate} or {track_keys} failed, and "
        "its log says why. Mend that, then redrive the messages to the queue they came from, or delete "
        "them.",
    )
    alarms.watch_age(
        "LateSignals",
        signals,
        f"A signal of a refused access key has waited {LATE_SECONDS} seconds in "
        f"{signals.queue_name}, where seconds are normal: alerts are late. Look for errors "
        f"and throttles of function {remediate}, and whether its trigger is enabled.",
    )


def watch_remediation(alarms: Alarms, functions: Functions) -> None:
    alarms.watch_function(
        functions.remediate, "", f"Its signals are tried again, and given up after {MAX_RECEIVES} times."
    )
    alarms.watch_function(
        functions.alert_timer, "Timer", "What it left undone is still due, and tried again every minute."
    )
    _watch_records(alarms, functions)
    _watch_timer(alarms, functions.alert_timer)


def _watch_records(alarms: Alarms, functions: Functions) -> None:
    alarms.alarm_when_any(
        "FailedRecords",
        own_metric(FAILED_RECORDS),
        f"Function {functions.remediate.function_name}, {functions.track_keys.function_name} or "
        f"{functions.enrol_users.function_name} "
        f"could not handle some of its messages and tries them again, up to {MAX_RECEIVES} times; or "
        f"{functions.alert_timer.function_name} some incidents that were due, news among them, and tries "
        f"them again every five minutes; or {functions.retire_keys.function_name} some managed secrets, and "
        "tries them again every hour; "
        "or a channel (the alert topic, the chat topic, the incident bus) refused a message: it is sent "
        "later, or given up if the log says that the channel can never take it; or the exemptions could "
        "not be read, and alerts go out as if there were none. The log names the call that failed. "
        "If it goes on failing, a permission is missing; if it passes, that service was throttled or out "
        "of order.",
    )


def _watch_timer(alarms: Alarms, alert_timer: Function) -> None:
    alarms.alarm_when_missing(
        "TimerDidNotRun",
        alert_timer.metric_invocations(period=FIVE_MINUTES),
        f"Function {alert_timer.function_name} has not run for ten minutes, where it should every "
        "minute: unsent alerts, news, digests and closings are late, and keys that were unknown are "
        "not looked at once more. See whether its schedule, an EventBridge rule of the same stack, is "
        "there and enabled, and whether the function is throttled. Deploying the stack again mends "
        "changes made by hand.",
        evaluation_periods=2,
    )
    alarms.alarm_when_late(
        "LateIncidents",
        own_metric(OVERDUE_SECONDS, statistic=Stats.MAXIMUM),
        f"An incident has waited {LATE_SECONDS} seconds for function {alert_timer.function_name}, where "
        "a minute is normal: more are due than it can look after: news, digests and closings are late. "
        "What is unsent goes first. See in its log whether calls to AWS fail or are throttled, each of "
        "which takes its time; else it works off what has piled up, and this passes.",
    )
