"""The EventBridge rules of the main stack: on the default bus, and on the bus for other regions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aws_cdk.aws_events import EventBus
from aws_cdk.aws_events_targets import SqsQueue
from constructs import Construct

from infra.detection.rules import KEY_LIFECYCLE, REJECTED_CALLS, SignalRule, failed_rotations

if TYPE_CHECKING:
    from aws_cdk.aws_sqs import Queue

    from infra.config.regions import Regions
    from infra.detection.queues import Intake


class Detection(Construct):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        intake: Intake,
        lifecycle_queue: Queue,
        regions: Regions,
        signal_bus_name: str,
        secret_prefix: str,
    ) -> None:
        super().__init__(scope, construct_id)
        signals = SqsQueue(intake.signal_queue, dead_letter_queue=intake.dead_letter_queue)
        lifecycle = SqsQueue(lifecycle_queue, dead_letter_queue=intake.dead_letter_queue)
        self.rejected_calls = [SignalRule(self, "RefusedCalls", REJECTED_CALLS, target=signals)]
        self.failed_rotations = SignalRule(
            self, "FailedRotations", failed_rotations(secret_prefix), target=signals
        )
        self.key_lifecycle: list[SignalRule] = []
        if regions.main_is_home:
            self.key_lifecycle.append(SignalRule(self, "KeyLifeCycle", KEY_LIFECYCLE, target=lifecycle))
        if regions.others:
            # A bus of its own, because any rule on the default bus would see the events of other regions too.
            # It has a fixed name, because the stacks of those regions cannot reference this stack.
            bus = EventBus(
                self,
                "Signals",
                event_bus_name=signal_bus_name,
                description="Signals forwarded from other regions to the Access Key Remediator",
            )
            # The stack of a region that was taken out of the configuration remains, and forwards.
            calls, changes = (
                replace(pattern, regions=regions.others) for pattern in (REJECTED_CALLS, KEY_LIFECYCLE)
            )
            self.rejected_calls.append(
                SignalRule(self, "ForwardedRefusedCalls", calls, target=signals, bus=bus)
            )
            if not regions.main_is_home:
                self.key_lifecycle.append(
                    SignalRule(self, "ForwardedKeyLifeCycle", changes, target=lifecycle, bus=bus)
                )

    @property
    def rules(self) -> list[SignalRule]:
        return [*self.rejected_calls, self.failed_rotations, *self.key_lifecycle]
