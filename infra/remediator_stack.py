"""The main stack: all functions and resources, except the forwarding from other regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Annotations, Stack

from infra.alerting.topics import AlertChannels
from infra.application_logs.log_reading import LogReading
from infra.config.config import CONTEXT_KEY
from infra.config.features import has_chat
from infra.detection.detection import Detection
from infra.detection.queues import Intake, WorkQueue
from infra.enrolment import enrolment
from infra.functions.bundling import functions_code
from infra.ledger.tracking import Tracking
from infra.monitoring.monitoring import monitor
from infra.outputs import add_outputs
from infra.remediation.alert_timer import AlertTimer
from infra.remediation.remediate import BATCHING_WINDOW, TIMEOUT, Remediation
from infra.resources import Functions, StackResources
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
            description="Access Key Remediator: alerts the owner of a rejected access key and says why",
        )
        self.signal_bus_name = f"{self.stack_name}-signals"
        self._warn_without_subscriptions(config)
        if config.chat and not has_chat(regions):
            self._warn(
                "chat",
                "creates a topic that nobody can read in Slack or Teams: Amazon Q Developer in chat "
                f"applications is not available in {regions.main}.",
            )
        resources = self._resources(config, regions)
        roles = RotationRoles(self, "RotationRoles")
        intake = resources.intake
        # The users whose claims are to be checked; `track_keys` and `sync_keys` send them.
        enrolments = WorkQueue(
            self,
            "Enrolments",
            dead_letters=intake.dead_letter_queue,
            consumer_timeout=enrolment.TIMEOUT,
            batching_window=enrolment.BATCHING_WINDOW,
            operator_roles=config.operator_role_arns,
        )
        tracking = Tracking(self, "Tracking", resources=resources, roles=roles, enrolments=enrolments)
        detection = Detection(
            self,
            "Detection",
            intake=intake,
            lifecycle_queue=tracking.lifecycle_queue,
            regions=regions,
            signal_bus_name=self.signal_bus_name,
            config=config,
        )
        fail_over = FailOver(self, "FailingOver", resources=resources)
        remediation = Remediation(self, "Remediation", resources=resources, fail_over=fail_over, roles=roles)
        alert_timer = AlertTimer(self, "AlertTimer", resources=resources, fail_over=fail_over, roles=roles)
        rotation = Rotation(self, "Rotation", resources=resources, roles=roles)
        rotation.allow_start_by(remediation.function)
        rotation.allow_start_by(alert_timer.function)
        enrol_users = enrolment.Enrolment(
            self, "Enrolment", resources=resources, rotation=rotation, queue=enrolments
        )
        retirement = Retirement(self, "Retirement", resources=resources, roles=roles)
        is_reading_logs = bool(config.application_logs.log_groups)
        log_reading = LogReading(self, "LogReading", resources=resources) if is_reading_logs else None
        functions = Functions(
            remediate=remediation.function,
            alert_timer=alert_timer.function,
            track_keys=tracking.track_keys,
            sync_keys=tracking.sync_keys,
            rotate_key=rotation.function,
            retire_keys=retirement.function,
            enrol_users=enrol_users.function,
            fail_over=fail_over.function,
            log_functions=log_reading.functions if log_reading else {},
        )
        monitor(
            self,
            resources,
            functions,
            detection,
            lifecycle_queue=tracking.lifecycle_queue,
            enrolment_queue=enrolments,
        )
        add_outputs(self, resources, functions, lifecycle_queue=tracking.lifecycle_queue)

    def _resources(self, config: Config, regions: Regions) -> StackResources:
        storage = Storage(self, "Storage")
        return StackResources(
            code=functions_code(),
            config=config,
            regions=regions,
            storage=storage,
            channels=AlertChannels(self, "Notification", key=storage.key, config=config),
            intake=Intake(
                self,
                "Intake",
                consumer_timeout=TIMEOUT,
                batching_window=BATCHING_WINDOW,
                operator_roles=config.operator_role_arns,
            ),
            switches=Switches(self, "Switches", mode=config.mode),
        )

    def _warn_without_subscriptions(self, config: Config) -> None:
        alarms = "alarms about the remediator itself"
        for field, configured, subject in (
            ("subscriptions", config.subscriptions, "alerts"),
            ("operationsSubscriptions", config.operations_subscriptions, alarms),
        ):
            if not configured:
                self._warn(field, f"is empty: nobody gets {subject}.")

    def _warn(self, field: str, problem: str) -> None:
        Annotations.of(self).add_warning_v2(f"{CONTEXT_KEY}:{field}", f"{CONTEXT_KEY}.{field} {problem}")
