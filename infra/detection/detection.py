"""The EventBridge rules of the main stack: on the default bus, and on the bus for other regions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs import Construct

from infra.detection.forwarding import forwarding_role_arn
from infra.detection.rules import (
    EXPOSED_KEYS,
    KEY_LIFECYCLE,
    REJECTED_CALLS,
    REPORTS,
    SignalRule,
    failed_rotations,
)
from infra.messaging.message_bus import MessageBus
from infra.messaging.message_queue import queue_target

if TYPE_CHECKING:
    from infra.config.config import Config
    from infra.config.regions import Regions
    from infra.detection.queues import Intake
    from infra.messaging.message_queue import MessageQueue


class Detection(Construct):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        intake: Intake,
        lifecycle_queue: MessageQueue,
        regions: Regions,
        signal_bus_name: str,
        config: Config,
    ) -> None:
        super().__init__(scope, construct_id)
        signals = queue_target(intake.signal_queue, intake.dead_letter_queue)
        lifecycle = queue_target(lifecycle_queue, intake.dead_letter_queue)
        self.rejected_calls = [SignalRule(self, "RefusedCalls", REJECTED_CALLS, target=signals)]
        self.failed_rotations = SignalRule(
            self, "FailedRotations", failed_rotations(config.rotation.secret_prefix), target=signals
        )
        self.reports = [SignalRule(self, "Reports", REPORTS, target=signals)]
        self.key_lifecycle: list[SignalRule] = []
        if regions.main_is_home:
            self.key_lifecycle.append(SignalRule(self, "KeyLifeCycle", KEY_LIFECYCLE, target=lifecycle))
            self.key_lifecycle.append(SignalRule(self, "ExposedKeys", EXPOSED_KEYS, target=lifecycle))
        if regions.others:
            # A bus of its own, because any rule on the default bus would see the events of other regions too.
            # It has a fixed name, because the stacks of those regions cannot reference this stack.
            bus = MessageBus(
                self,
                "Signals",
                name=signal_bus_name,
                description="Signals forwarded from other regions to the Access Key Remediator",
                operator_roles=config.operator_role_arns,
            )
            for region in regions.others:
                bus.senders.add_role_arn(forwarding_role_arn(region, regions.main, config.role_path))
            # The stack of a region that was taken out of the configuration remains, and forwards.
            calls, changes, exposures, reports = (
                replace(pattern, regions=regions.others)
                for pattern in (REJECTED_CALLS, KEY_LIFECYCLE, EXPOSED_KEYS, REPORTS)
            )
            self.rejected_calls.append(
                SignalRule(self, "ForwardedRefusedCalls", calls, target=signals, bus=bus)
            )
            self.reports.append(SignalRule(self, "ForwardedReports", reports, target=signals, bus=bus))
            if not regions.main_is_home:
                self.key_lifecycle.append(
                    SignalRule(self, "ForwardedKeyLifeCycle", changes, target=lifecycle, bus=bus)
                )
                self.key_lifecycle.append(
                    SignalRule(self, "ForwardedExposedKeys", exposures, target=lifecycle, bus=bus)
                )

    @property
    def rules(self) -> list[SignalRule]:
        return [*self.rejected_calls, self.failed_rotations, *self.key_lifecycle, *self.reports]
