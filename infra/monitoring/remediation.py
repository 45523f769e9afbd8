"""Alarms for the path from a signal to its alert: messages wait or fail, or the timer stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Stats

from infra.detection.queues import MAX_RECEIVES
from infra.functions.schedule import MINUTE
from infra.monitoring.alarms import LATE_SECONDS, own_metric
from lambdas.observability import FAILED_RECORDS, OVERDUE_SECONDS

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function

    from infra.detection.queues import Intake
    from infra.monitoring.alarms import Alarms
    from infra.resources import Functions

FIVE_MINUTES = Duration.minutes(5)


def watch_queues(alarms: Alarms, intake: Intake, functions: Functions) -> None:
    dead_letters = intake.dead_letter_queue
    alarms.alarm_when_any(
        "DeadLetters",
        dead_letters.metric_approximate_number_of_messages_visible(period=MINUTE, statistic=Stats.MAXIMUM),
        "Messages about rejected access keys, or about changes to keys and users, could not be processed, so "
        f"somebody may not have been alerted. Read the messages in queue {dead_letters.queue_name}. The "
        "attribute `reason` says what is malformed; ERROR_CODE says why EventBridge could not deliver; "
        f"without either, function {functions.remediate.function_name}, "
        f"{functions.track_keys.function_name} or {functions.enrol_users.function_name} failed, and its log "
        "has the error. Fix the cause, then redrive the messages to their source queue, or delete them.",
    )
    alarms.watch_age(
        "LateSignals",
        intake.signal_queue,
        functions.remediate,
        content="A signal of a rejected access key",
        consequence="Alerts are late.",
    )


def watch_remediation(alarms: Alarms, functions: Functions) -> None:
    alarms.watch_function(
        functions.remediate,
        "",
        f"Failed signals are retried up to {MAX_RECEIVES} times, then moved to the dead-letter queue.",
    )
    alarms.watch_function(
        functions.alert_timer, "Timer", "Unfinished work stays due and is retried every minute."
    )
    _watch_records(alarms, functions)
    _watch_timer(alarms, functions.alert_timer)


def _watch_records(alarms: Alarms, functions: Functions) -> None:
    alarms.alarm_when_any(
        "FailedRecords",
        own_metric(FAILED_RECORDS),
        "Some work failed and is retried. Either function "
        f"{functions.remediate.function_name}, {functions.track_keys.function_name} or "
        f"{functions.enrol_users.function_name} could not process some messages (retried up to "
        f"{MAX_RECEIVES} times); or {functions.alert_timer.function_name} some due incidents (retried every "
        f"five minutes); or {functions.retire_keys.function_name} some managed secrets (retried every hour); "
        "or the alert topic, the chat topic or the incident bus rejected a message (sent later, or dropped "
        "if the log says that it can never be delivered); or the exemptions could not be read, so alerts "
        "are sent without them. The log names the AWS call that failed. If the alarm persists, a permission "
        "is missing; if it clears, the service was throttled or unavailable.",
    )


def _watch_timer(alarms: Alarms, alert_timer: Function) -> None:
    alarms.watch_schedule(
        "TimerDidNotRun",
        alert_timer,
        FIVE_MINUTES,
        expected="has not run for ten minutes; it should run every minute",
        consequence="Pending alerts, updates, digests and closings are late, and unknown keys are not "
        "checked again.",
    )
    alarms.alarm_when_late(
        "LateIncidents",
        own_metric(OVERDUE_SECONDS, statistic=Stats.MAXIMUM),
        f"An incident has waited {LATE_SECONDS} seconds for function {alert_timer.function_name}; a minute "
        "is normal. More incidents are due than the function can process, so updates, digests and closings "
        "are late; alerts that were never sent go first. Check the log for AWS calls that fail or are "
        "throttled, because each of them takes time. If there are none, the function is working through a "
        "backlog, and the alarm clears by itself.",
    )
