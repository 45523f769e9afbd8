"""A queue that takes messages only from certain rules, topics and functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk.aws_events_targets import SqsQueue
from aws_cdk.aws_sqs import Queue, QueueEncryption

from infra.messaging.senders import Senders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import Duration
    from aws_cdk.aws_events import IRuleTarget
    from aws_cdk.aws_iam import IRole
    from aws_cdk.aws_sqs import DeadLetterQueue
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
        self.add_to_resource_policy(self.senders.denial(SEND, self.queue_arn))

    def accept(self, role: IRole) -> None:
        self.grant(role, SEND)
        self.senders.add_role(role)


@dataclass(frozen=True)
class RuleTarget:
    target: IRuleTarget
    queues: tuple[MessageQueue, ...] = ()  # that EventBridge sends events of the rule to


def queue_target(queue: MessageQueue, dead_letters: MessageQueue) -> RuleTarget:
    return RuleTarget(SqsQueue(queue, dead_letter_queue=dead_letters), (queue, dead_letters))
