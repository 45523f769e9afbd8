"""Alarms on the metrics that the functions write: work failed, is late, or was not completed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aws_cdk.aws_cloudwatch import Stats

from infra.config import durations
from infra.detection.queues import MAX_RECEIVES
from infra.functions.schedule import HOUR
from infra.monitoring.alarms import LATE_SECONDS, REPEATED, Window, own_metric
from lambdas.observability import (
    FAILED_RECORDS,
    FAILED_STEPS,
    OVERDUE_SECONDS,
    SECRETS_LEFT,
    SYNC_FINISHED,
    UNREAD_LOG_GROUPS,
)

if TYPE_CHECKING:
    from aws_cdk.aws_cloudwatch import IMetric
    from aws_cdk.aws_lambda import Function

    from infra.monitoring.alarms import Alarms
    from infra.resources import Functions

TWO_OF_THREE = Window(2, 3)
# Secrets Manager retries a failed rotation, at times of its own.
TWICE_IN_AN_HOUR = Window(2, 60)


def watch_failed_records(alarms: Alarms, functions: Functions) -> None:
    alarms.alarm_when_any(
        "FailedRecords",
        own_metric(FAILED_RECORDS),
        "Some work failed in two of the last ten minutes and is retried. Either function "
        f"{functions.remediate.function_name}, {functions.track_keys.function_name} or "
        f"{functions.enrol_users.function_name} could not process some messages (retried up to "
        f"{MAX_RECEIVES} times); or {functions.alert_timer.function_name} some due incidents; or the alert "
        "topic, the chat topic or the incident bus rejected a message (sent later, or dropped if the log "
        "says that it can never be delivered); or the exemptions could not be read, so alerts are sent "
        "without them; or evidence could not be read, and the alert that was sent says so. The log names the "
        "AWS call that failed. Usually a permission is missing.",
        window=REPEATED,
    )


def watch_late_incidents(alarms: Alarms, alert_timer: Function) -> None:
    alarms.alarm_when_late(
        "LateIncidents",
        own_metric(OVERDUE_SECONDS, statistic=Stats.MAXIMUM),
        f"An incident has waited {LATE_SECONDS} seconds for function {alert_timer.function_name}; a minute "
        "is normal. More incidents are due than the function can process, so updates, digests and closings "
        "are late; alerts that were never sent go first. Check the log for AWS calls that fail or are "
        "throttled, because each of them takes time. If there are none, the function is working through a "
        "backlog, and the alarm clears by itself.",
    )


def watch_sync(alarms: Alarms, sync_keys: Function, *, interval_seconds: int, always: IMetric) -> None:
    """Allows two intervals, and at least two hours: a sync of many users takes a while."""
    hours = max(2, math.ceil(2 * interval_seconds / durations.HOUR))
    alarms.alarm_when_missing(
        "SyncDidNotFinish",
        "finished",
        {"finished": own_metric(SYNC_FINISHED, period=HOUR)},
        f"Function {sync_keys.function_name} has not completed a full sync for {hours} hours. Changes that "
        "CloudTrail did not deliver are missing from the key ledger, so the owner of a deleted key may stay "
        "unknown. Check the function's log for the AWS call that failed, and check that its schedule, an "
        "EventBridge rule of this stack, is enabled.",
        always=always,
        period=HOUR,
        periods=hours,
    )


def watch_log_groups(alarms: Alarms, subscribe_logs: Function) -> None:
    """The function runs once an hour, so the metric has a value in every hour with such a log group."""
    alarms.alarm_when_any(
        "UnreadLogGroups",
        own_metric(UNREAD_LOG_GROUPS, statistic=Stats.MAXIMUM, period=HOUR),
        "A configured log group (applicationLogs.logGroups) is not read, so rejected keys that only its "
        f"lines show are not reported. The log of function {subscribe_logs.function_name} names it and "
        "why: it does not exist in this region, it already has as many subscription filters as CloudWatch "
        "Logs allows, or its log class has none. Correct the configuration, or free a subscription filter; "
        "the function tries again every hour.",
    )


def watch_rotation_steps(alarms: Alarms, functions: Functions) -> None:
    """Watches a metric of its own, because a refusal is a function error too: that is how Secrets Manager
    learns of it, and the owner gets an alert. A crash, or a run that never started, is alerted from Secrets
    Manager's own record.
    """
    alarms.alarm_when_any(
        "FailedRotationSteps",
        own_metric(FAILED_STEPS),
        f"Two rotation steps failed within an hour in function {functions.rotate_key.function_name}: AWS did "
        "not respond, did not accept the new key in time, or the result could not be reported. AWSCURRENT "
        "still names the previous key, or a new key that passed its test. Secrets Manager retries the whole "
        "rotation several times. The log names the secret, the step and the reason. If the failures "
        "continue, a permission is missing or a deployment is faulty. After fixing the cause, start the "
        "rotation again. If AWSPENDING blocks it, function "
        f"{functions.retire_keys.function_name} removes that label within three hours.",
        window=TWICE_IN_AN_HOUR,
    )


def watch_unprocessed_secrets(alarms: Alarms, retire_keys: Function) -> None:
    alarms.alarm_when_any(
        "SecretsLeft",
        own_metric(SECRETS_LEFT, statistic=Stats.MAXIMUM, period=HOUR),
        f"In two of the last three hours function {retire_keys.function_name} did not process all managed "
        "secrets: some failed, or it ran out of time. The next hourly run starts with the remaining ones, so "
        "the retirement of replaced keys and the repair of interrupted rotations are delayed. The log names "
        "the secrets that failed and why. If there are simply many secrets, one pass over all of them takes "
        "several hours.",
        window=TWO_OF_THREE,
    )
