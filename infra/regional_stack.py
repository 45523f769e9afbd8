"""Forwards what one region's CloudTrail records of refused calls, and of keys, to the main stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, ArnFormat, CfnOutput, Stack, Validations
from aws_cdk.aws_events import EventBus
from aws_cdk.aws_events_targets import EventBus as EventBusTarget
from aws_cdk.aws_iam import Role, ServicePrincipal

from infra.detection.queues import DeadLetters
from infra.detection.rules import KEY_LIFECYCLE, REFUSED_CALLS, SignalRule

if TYPE_CHECKING:
    from aws_cdk import Environment
    from constructs import Construct

    from infra.config.regions import Regions


class RegionalStack(Stack):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        regions: Regions,
        region: str,
        signal_bus_name: str,
        env: Environment,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description=f"Access Key Remediator: forwards signals from {region} to {regions.main}",
        )
        dead_letters = self._dead_letters()
        target = EventBusTarget(
            EventBus.from_event_bus_arn(self, "Signals", self._bus_arn(regions, signal_bus_name)),
            # Another region's bus is reached with a role only; CDK lets it put events on that bus alone.
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
            role=Role(self, "Forwarding", assumed_by=ServicePrincipal("events.amazonaws.com")),
            dead_letter_queue=dead_letters,
        )
        SignalRule(self, "RefusedCalls", REFUSED_CALLS, target=target)
        if region == regions.home:
            SignalRule(self, "KeyLifeCycle", KEY_LIFECYCLE, target=target)
        CfnOutput(self, "RegionalDeadLetterQueueUrl", value=dead_letters.queue_url)

    def _bus_arn(self, regions: Regions, name: str) -> str:
        return self.format_arn(
            service="events",
            region=regions.main,
            resource="event-bus",
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )

    def _dead_letters(self) -> DeadLetters:
        """EventBridge takes a queue of the rule's own region only."""
        queue = DeadLetters(self, "DeadLetters")
        Validations.of(queue).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS3",
                reason="It is itself the dead-letter queue, of rules and not of another queue.",
            )
        )
        return queue
