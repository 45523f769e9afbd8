"""Tells the operators that the ledger of keys is no longer kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aws_cdk import Duration

from infra.detection.queues import MAX_RECEIVES
from infra.monitoring.alarms import LATE_SECONDS, Alarms, own_metric
from lambdas.observability import SYNC_FINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sns import Topic
    from constructs import Construct

    from infra.detection.queues import Intake
    from infra.detection.rules import SignalRule
    from infra.ledger.tracking import Tracking

HOUR_SECONDS = 60 * 60


class TrackingMonitoring(Alarms):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        operations_topic: Topic,
        intake: Intake,
        tracking: Tracking,
        rules: Sequence[SignalRule],
        sync_interval_seconds: int,
    ) -> None:
        super().__init__(scope, construct_id, operations_topic=operations_topic)
        queue = tracking.life_cycle_queue
        self.watch_rules(rules, queue=queue, dead_letters=intake.dead_letter_queue)
        self.watch_age(
            "LateLifeCycle",
            queue,
            f"A record of what was done to an access key or its owner has waited {LATE_SECONDS} seconds in "
            f"{queue.queue_name}, where seconds are normal: outages are predicted late, and the ledger is "
            f"behind. Look for errors and throttles of function {tracking.track_keys.function_name}, and "
            "whether its trigger is enabled.",
        )
        self.watch_function(
            tracking.track_keys,
            "TrackKeys",
            f"Its records are tried again, and given up after {MAX_RECEIVES} times.",
        )
        self.watch_function(
            tracking.sync_keys, "SyncKeys", "It goes on where it was at its next run, a minute later."
        )
        self._watch_sync(tracking.sync_keys, sync_interval_seconds)

    def _watch_sync(self, sync_keys: Function, interval_seconds: int) -> None:
        """Over two intervals, and two hours at least: a sync of many users takes a while."""
        hours = max(2, math.ceil(2 * interval_seconds / HOUR_SECONDS))
        self.alarm_when_missing(
            "SyncDidNotFinish",
            own_metric(SYNC_FINISHED, period=Duration.seconds(HOUR_SECONDS)),
            f"Function {sync_keys.function_name} has finished no full sync for {hours} hours: what "
            "CloudTrail did not deliver is missing from the ledger of keys, so the owner of a deleted key "
            "may stay unknown. Read the function's log, which names the call to AWS that failed, and see "
            "whether its schedule, an EventBridge rule of the same stack, is enabled. After the first "
            "deployment this passes as soon as the first sync has finished.",
            evaluation_periods=hours,
        )
