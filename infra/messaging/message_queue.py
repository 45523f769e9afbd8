"""A queue that takes messages only from certain rules, topics and functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import jsii
from aws_cdk import IStableAnyProducer, Lazy
from aws_cdk.aws_events import CfnRule, IRuleTarget, RuleTargetConfig
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_sqs import Queue, QueueEncryption

from infra.messaging.senders import Senders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import Duration
    from aws_cdk.aws_iam import IRole
    from aws_cdk.aws_sqs import DeadLetterQueue
    from aws_cdk.interfaces.aws_events import IRuleRef
    from constructs import Construct

SEND = "sqs:SendMessage"


class MessageQueue(Queue):
    """Nobody needs to be allowed to move a queue's messages to its dead-letter queue: SQS does it."""

    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        operator_roles: Iterable[str],
        retention_period: Duration | None = None,
        visibility_timeout: Duration | None = None,
        dead_letter_queue: DeadLetterQueue | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=retention_period,
            visibility_timeout=visibility_timeout,
            dead_letter_queue=dead_letter_queue,
        )
        self.senders = Senders(operator_roles)
        self._rules = _Rules()
        self.add_to_resource_policy(self.senders.denial(SEND, self.queue_arn))

    def accept(self, role: IRole) -> None:
        self.grant(role, SEND)
        self.senders.add_role(role)

    def accept_events_of(self, rule_arn: str) -> None:
        if not self._rules.arns:
            self.add_to_resource_policy(
                PolicyStatement(
                    sid="ItsRulesMaySend",
                    principals=[ServicePrincipal("events.amazonaws.com")],
                    actions=[SEND],
                    resources=[self.queue_arn],
                    conditions={"ArnEquals": {"aws:SourceArn": Lazy.any(self._rules)}},
                )
            )
        self._rules.arns.append(rule_arn)


@jsii.implements(IStableAnyProducer)
class _Rules:
    """The ARNs of the rules that send to a queue, read at synthesis."""

    def __init__(self) -> None:
        self.arns: list[str] = []

    def produce(self) -> list[str]:
        return self.arns


@jsii.implements(IRuleTarget)
class _QueueTarget:
    """As CDK's SqsQueue, but with one statement for all rules: with one for each, the policy of the
    dead-letter queue would be longer than SQS allows (tests/infra/messaging/test_senders.py).
    """

    def __init__(self, queue: MessageQueue, dead_letters: MessageQueue) -> None:
        self._queue = queue
        self._dead_letters = dead_letters

    def bind(self, rule: IRuleRef, id: str | None = None) -> RuleTargetConfig:  # noqa: A002, ARG002 -- names of CDK
        for queue in (self._queue, self._dead_letters):
            queue.accept_events_of(rule.rule_ref.rule_arn)
        return RuleTargetConfig(
            arn=self._queue.queue_arn,
            dead_letter_config=CfnRule.DeadLetterConfigProperty(arn=self._dead_letters.queue_arn),
            target_resource=self._queue,
        )


@dataclass(frozen=True)
class RuleTarget:
    target: IRuleTarget
    queues: tuple[MessageQueue, ...] = ()  # that EventBridge sends events of the rule to


def queue_target(queue: MessageQueue, dead_letters: MessageQueue) -> RuleTarget:
    return RuleTarget(_QueueTarget(queue, dead_letters), (queue, dead_letters))
