"""Composes the stages, in the order in which a signal passes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Annotations, CfnOutput, Stack

from infra.alerting.topics import AlertChannels
from infra.config.config import CONTEXT_KEY
from infra.detection.detection import Detection
from infra.detection.queues import Intake
from infra.enrolment.enrolment import Enrolment, EnrolmentQueue
from infra.functions.python_function import functions_code
from infra.ledger.tracking import Tracking
from infra.monitoring.functions import Functions
from infra.monitoring.monitoring import monitor
from infra.remediation.alert_timer import AlertTimer
from infra.remediation.remediate import BATCHING_WINDOW, TIMEOUT, Remediation
from infra.resources import StackResources
from infra.retirement.retirement import Retirement
from infra.rotation.fail_over import FailOver
from infra.rotation.rotation import Rotation
from infra.rotation.rotation_roles import RotationRoles
from infra.storage.switches import Switches
from infra.storage.tables import Storage

if TYPE_CHECKING:
    from aws_cdk import Environment
    from constructs import Construct

    from infra.config.config import Config
    from infra.config.regions import Regions


class RemediatorStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, regions: Regions, env: Environment
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="Access Key Remediator: tells the owner of a refused access key why it is refused",
        )
        self.signal_bus_name = f"{self.stack_name}-signals"
        self._warn_without_subscriptions(config)
        resources = self._resources(config, regions)
        roles = RotationRoles(self, "RotationRoles")
        intake = resources.intake
        enrolments = EnrolmentQueue(self, "Enrolments", dead_letters=intake.dead_letter_queue)
        tracking = Tracking(self, "Tracking", resources=resources, roles=roles, enrolments=enrolments)
        detection = Detection(
            self,
            "Detection",
            intake=intake,
            lifecycle_queue=tracking.lifecycle_queue,
            regions=regions,
            signal_bus_name=self.signal_bus_name,
            secret_prefix=config.rotation.secret_prefix,
        )
        fail_over = FailOver(self, "FailingOver", resources=resources)
        remediation = Remediation(self, "Remediation", resources=resources, fail_over=fail_over)
        alert_timer = AlertTimer(self, "AlertTimer", resources=resources, fail_over=fail_over)
        rotation = Rotation(self, "Rotation", resources=resources, roles=roles)
        rotation.allow_start_by(remediation.function)
        rotation.allow_start_by(alert_timer.function)
        enrolment = Enrolment(self, "Enrolment", resources=resources, rotation=rotation, queue=enrolments)
        retirement = Retirement(self, "Retirement", resources=resources, roles=roles)
        functions = Functions(
            remediate=remediation.function,
            alert_timer=alert_timer.function,
            track_keys=tracking.track_keys,
            sync_keys=tracking.sync_keys,
            rotate_key=rotation.function,
            retire_keys=retirement.function,
            enrol_users=enrolment.function,
            fail_over=fail_over.function,
        )
        monitor(
            self,
            resources,
            functions,
            detection,
            lifecycle_queue=tracking.lifecycle_queue,
            enrolment_queue=enrolments,
        )
        self._add_outputs(resources, functions, tracking)

    def _resources(self, config: Config, regions: Regions) -> StackResources:
        storage = Storage(self, "Storage")
        return StackResources(
            code=functions_code(),
            config=config,
            regions=regions,
            storage=storage,
            channels=AlertChannels(self, "Notification", key=storage.key, config=config),
            intake=Intake(self, "Intake", consumer_timeout=TIMEOUT, batching_window=BATCHING_WINDOW),
            switches=Switches(self, "Switches", mode=config.mode),
        )

    def _add_outputs(self, resources: StackResources, functions: Functions, tracking: Tracking) -> None:
        storage, channels = resources.storage, resources.channels
        intake, switches = resources.intake, resources.switches
        outputs = {
            "AlertTopicArn": channels.alert_topic.topic_arn,
            "OperationsTopicArn": channels.operations_topic.topic_arn,
            "IncidentBusName": channels.incident_bus.event_bus_name,
            "LedgerTableName": storage.ledger_table.table_name,
            "IncidentTableName": storage.incident_table.table_name,
            "ExemptionTableName": storage.exemption_table.table_name,
            "SignalQueueUrl": intake.signal_queue.queue_url,
            "KeyLifeCycleQueueUrl": tracking.lifecycle_queue.queue_url,
            "DeadLetterQueueUrl": intake.dead_letter_queue.queue_url,
            "RemediateFunctionName": functions.remediate.function_name,
            "AlertTimerFunctionName": functions.alert_timer.function_name,
            "TrackKeysFunctionName": functions.track_keys.function_name,
            "SyncKeysFunctionName": functions.sync_keys.function_name,
            "EnrolUsersFunctionName": functions.enrol_users.function_name,
            "RotationFunctionArn": functions.rotate_key.function_arn,
            "RetireKeysFunctionName": functions.retire_keys.function_name,
            "FailOverFunctionName": functions.fail_over.function_name,
            "ManagedSecretKeyArn": storage.key.key_arn,
            "KillSwitchParameter": switches.kill_switch.parameter_name,
            "ModeParameter": switches.mode.parameter_name,
        }
        if channels.chat_topic:
            outputs["ChatTopicArn"] = channels.chat_topic.topic_arn
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)

    def _warn_without_subscriptions(self, config: Config) -> None:
        if not config.subscriptions:
            self._warn("subscriptions", "nobody gets alerts")
        if not config.operations_subscriptions:
            self._warn("operationsSubscriptions", "nobody gets alarms about the remediator itself")

    def _warn(self, field: str, consequence: str) -> None:
        text = f"{CONTEXT_KEY}.{field} is empty: {consequence}."
        Annotations.of(self).add_warning_v2(f"{CONTEXT_KEY}:{field}", text)
