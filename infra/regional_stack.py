"""Forwards one region's CloudTrail records of rejected calls, reports, and IAM changes to the main stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, CfnOutput, Stack, Validations
from aws_cdk.aws_events import EventBus
from aws_cdk.aws_events_targets import EventBus as EventBusTarget
from aws_cdk.aws_iam import Role, ServicePrincipal

from infra.alerting.topics import OperationsTopic, undelivered_queue
from infra.detection.forwarding import forwarding_role_name
from infra.detection.queues import DeadLetters
from infra.detection.rules import EXPOSED_KEYS, KEY_LIFECYCLE, REJECTED_CALLS, REPORTS, SignalRule
from infra.messaging.message_queue import RuleTarget
from infra.monitoring.alarms import Alarms
from infra.monitoring.events import watch_dead_letters, watch_lost_events

if TYPE_CHECKING:
    from aws_cdk import Environment
    from constructs import Construct

    from infra.config.config import Config
    from infra.config.regions import Regions


class RegionalStack(Stack):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
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
        dead_letters = self._dead_letters(config)
        bus_arn = f"arn:{self.partition}:events:{regions.main}:{self.account}:event-bus/{signal_bus_name}"
        bus = EventBusTarget(
            EventBus.from_event_bus_arn(self, "Signals", bus_arn),
            # A target in another region needs a role; CDK allows it to put events on that bus only.
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
            role=Role(
                self,
                "Forwarding",
                role_name=forwarding_role_name(region, regions.main),
                assumed_by=ServicePrincipal("events.amazonaws.com"),
            ),
            dead_letter_queue=dead_letters,
        )
        target = RuleTarget(bus, (dead_letters,))
        rules = [SignalRule(self, "RefusedCalls", REJECTED_CALLS, target=target)]
        if region == regions.home:
            rules.append(SignalRule(self, "KeyLifeCycle", KEY_LIFECYCLE, target=target))
            rules.append(SignalRule(self, "ExposedKeys", EXPOSED_KEYS, target=target))
        rules.append(SignalRule(self, "Reports", REPORTS, target=target))
        self._watch(config, rules, dead_letters, regions)
        CfnOutput(self, "RegionalDeadLetterQueueUrl", value=dead_letters.queue_url)

    def _watch(
        self, config: Config, rules: list[SignalRule], dead_letters: DeadLetters, regions: Regions
    ) -> None:
        topic = OperationsTopic(
            self, "Operations", config=config, undelivered=undelivered_queue(self, config)
        )
        alarms = Alarms(self, "Monitoring", operations_topic=topic)
        watch_dead_letters(
            alarms,
            dead_letters,
            f"CloudTrail records or reports could not be forwarded from this region to {regions.main}, so "
            "somebody may not have been alerted, and the key ledger is out of date until the next sync. "
            f"Attribute ERROR_MESSAGE of the messages in queue {dead_letters.queue_name} gives the reason. "
            f"The event bus in {regions.main} or the role of the rules was probably changed by hand. Deploy "
            "all stacks again, start a sync of the ledger, then delete the messages. If the region was taken "
            "out of the configuration, delete this stack.",
        )
        watch_lost_events(alarms, rules, dead_letters)
        CfnOutput(self, "RegionalOperationsTopicArn", value=topic.topic_arn)

    def _dead_letters(self, config: Config) -> DeadLetters:
        """EventBridge accepts only a dead-letter queue in the region of the rule."""
        queue = DeadLetters(self, "DeadLetters", operator_roles=config.operator_role_arns)
        Validations.of(queue).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS3",
                reason="The queue is itself a dead-letter queue: of EventBridge rules, not of another queue.",
            )
        )
        return queue
