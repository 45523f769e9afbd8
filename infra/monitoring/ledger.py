"""Alarms for the key ledger: records wait or fail, or no sync completes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aws_cdk import Duration

from infra.config.durations import HOUR
from infra.detection.queues import MAX_RECEIVES
from infra.monitoring.alarms import own_metric
from lambdas.observability import SYNC_FINISHED

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sqs import Queue

    from infra.monitoring.alarms import Alarms


def watch_tracking(alarms: Alarms, track_keys: Function, queue: Queue) -> None:
    alarms.watch_age(
        "LateLifeCycle",
        queue,
        track_keys,
        content="A record of a change to an access key or its user",
        consequence="Outages are predicted late, and the ledger is out of date.",
    )
    alarms.watch_function(
        track_keys,
        "TrackKeys",
        f"Failed records are retried up to {MAX_RECEIVES} times, then moved to the dead-letter queue.",
    )


def watch_sync(alarms: Alarms, sync_keys: Function, *, interval_seconds: int) -> None:
    """Allows two intervals, and at least two hours: a sync of many users takes a while."""
    hours = max(2, math.ceil(2 * interval_seconds / HOUR))
    alarms.watch_function(
        sync_keys, "SyncKeys", "The next run, one minute later, resumes where this one stopped."
    )
    alarms.alarm_when_missing(
        "SyncDidNotFinish",
        own_metric(SYNC_FINISHED, period=Duration.hours(1)),
        f"Function {sync_keys.function_name} has not completed a full sync for {hours} hours. Changes that "
        "CloudTrail did not deliver are missing from the key ledger, so the owner of a deleted key may stay "
        "unknown. Check the function's log for the AWS call that failed, and check that its schedule, an "
        "EventBridge rule of this stack, is enabled. After the first deployment the alarm clears when the "
        "first sync completes.",
        evaluation_periods=hours,
    )
