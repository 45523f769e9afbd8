"""Tells the operators that the ledger of keys is no longer kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aws_cdk import Duration

from infra.config.durations import HOUR
from infra.detection.queues import MAX_RECEIVES
from infra.monitoring.alarms import LATE_SECONDS, own_metric
from lambdas.observability import SYNC_FINISHED

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sqs import Queue

    from infra.monitoring.alarms import Alarms


def watch_tracking(alarms: Alarms, track_keys: Function, queue: Queue) -> None:
    alarms.watch_age(
        "LateLifeCycle",
        queue,
        f"A record of what was done to an access key or its owner has waited {LATE_SECONDS} seconds in "
        f"{queue.queue_name}, where seconds are normal: outages are predicted late, and the ledger is "
        f"behind. Look for errors and throttles of function {track_keys.function_name}, and "
        "whether its trigger is enabled.",
    )
    alarms.watch_function(
        track_keys, "TrackKeys", f"Its records are tried again, and given up after {MAX_RECEIVES} times."
    )


def watch_sync(alarms: Alarms, sync_keys: Function, *, interval_seconds: int) -> None:
    """Over two intervals, and two hours at least: a sync of many users takes a while."""
    hours = max(2, math.ceil(2 * interval_seconds / HOUR))
    alarms.watch_function(sync_keys, "SyncKeys", "It goes on where it was at its next run, a minute later.")
    alarms.alarm_when_missing(
        "SyncDidNotFinish",
        own_metric(SYNC_FINISHED, period=Duration.hours(1)),
        f"Function {sync_keys.function_name} has finished no full sync for {hours} hours: what "
        "CloudTrail did not deliver is missing from the ledger of keys, so the owner of a deleted key "
        "may stay unknown. Read the function's log, which names the call to AWS that failed, and see "
        "whether its schedule, an EventBridge rule of the same stack, is enabled. After the first "
        "deployment this passes as soon as the first sync has finished.",
        evaluation_periods=hours,
    )
