"""All alarms about the remediator itself, in one group for each part that can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.monitoring.alarms import Alarms
from infra.monitoring.delivery import watch_deliveries
from infra.monitoring.enrolment import watch_enrolment
from infra.monitoring.ledger import watch_sync, watch_tracking
from infra.monitoring.remediation import watch_queues, watch_remediation
from infra.monitoring.rotation import watch_rotation

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
    intake, topic = resources.intake, resources.channels.operations_topic
    dead_letters = intake.dead_letter_queue
    remediation = Alarms(scope, "Monitoring", operations_topic=topic)
    watch_queues(remediation, intake, functions)
    signal_rules = [*detection.rejected_calls, detection.failed_rotations]
    remediation.watch_rules(signal_rules, queue=intake.signal_queue, dead_letters=dead_letters)
    watch_remediation(remediation, functions)

    tracking = Alarms(scope, "TrackingMonitoring", operations_topic=topic)
    tracking.watch_rules(detection.key_lifecycle, queue=lifecycle_queue, dead_letters=dead_letters)
    watch_tracking(tracking, functions.track_keys, lifecycle_queue)
    interval_seconds = resources.config.sync_interval_seconds
    watch_sync(tracking, functions.sync_keys, interval_seconds=interval_seconds)

    watch_rotation(Alarms(scope, "RotationMonitoring", operations_topic=topic), functions)
    enrolment = Alarms(scope, "EnrolmentMonitoring", operations_topic=topic)
    watch_enrolment(enrolment, functions.enrol_users, enrolment_queue)
    watch_deliveries(scope, resources.channels)
