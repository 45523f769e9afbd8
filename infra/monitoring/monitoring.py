"""All alarms about the remediator itself in the main region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.application_logs.log_reading import SUBSCRIBE_LOGS
from infra.monitoring.alarms import Alarms
from infra.monitoring.delivery import watch_deliveries, watch_subscriptions
from infra.monitoring.events import watch_dead_letters, watch_lost_events
from infra.monitoring.functions import (
    watch_errors,
    watch_retirement_runs,
    watch_timer,
    watch_waiting_messages,
)
from infra.monitoring.records import (
    watch_failed_records,
    watch_late_incidents,
    watch_log_groups,
    watch_rotation_steps,
    watch_sync,
    watch_unprocessed_secrets,
)

if TYPE_CHECKING:
    from aws_cdk.aws_sqs import Queue
    from constructs import Construct

    from infra.detection.detection import Detection
    from infra.resources import Functions, StackResources


def monitor(  # noqa: PLR0913 - all that an alarm watches
    scope: Construct,
    resources: StackResources,
    functions: Functions,
    detection: Detection,
    *,
    lifecycle_queue: Queue,
    enrolment_queue: Queue,
) -> None:
    intake = resources.intake
    alarms = Alarms(scope, "Monitoring", operations_topic=resources.channels.operations_topic)
    _watch_messages(alarms, intake.dead_letter_queue, functions)
    watch_lost_events(alarms, detection.rules, intake.dead_letter_queue)
    queues = {"signals": intake.signal_queue, "changes": lifecycle_queue, "enrolments": enrolment_queue}
    watch_waiting_messages(alarms, queues)
    watch_errors(alarms, functions.with_counted_errors())
    watch_failed_records(alarms, functions)
    watch_late_incidents(alarms, functions.alert_timer)
    watch_rotation_steps(alarms, functions)
    watch_unprocessed_secrets(alarms, functions.retire_keys)
    # SQS publishes it every minute while the function polls the queue.
    always = intake.signal_queue.metric_approximate_number_of_messages_visible()
    watch_timer(alarms, functions.alert_timer, always=always)
    watch_retirement_runs(alarms, functions.retire_keys, always=always)
    interval_seconds = resources.config.sync_interval_seconds
    watch_sync(alarms, functions.sync_keys, interval_seconds=interval_seconds, always=always)
    if functions.log_functions:
        watch_log_groups(alarms, functions.log_functions[SUBSCRIBE_LOGS])
    watch_deliveries(scope, resources.channels)
    watch_subscriptions(alarms, resources.channels, functions.alert_timer)


def _watch_messages(alarms: Alarms, dead_letters: Queue, functions: Functions) -> None:
    watch_dead_letters(
        alarms,
        dead_letters,
        "Messages about rejected access keys, or about changes to keys and users, could not be processed, so "
        f"somebody may not have been alerted. Read the messages in queue {dead_letters.queue_name}. The "
        "attribute `reason` says what is malformed; ERROR_CODE and ERROR_MESSAGE say why EventBridge could "
        f"not deliver; without either, function {functions.remediate.function_name}, "
        f"{functions.track_keys.function_name} or {functions.enrol_users.function_name} failed, and its log "
        "has the error. Fix the cause, then redrive the messages to their source queue, or delete them.",
    )
