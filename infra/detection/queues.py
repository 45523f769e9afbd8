"""The queues: work queues that invoke a function, and the dead-letter queue of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from aws_cdk.aws_sqs import DeadLetterQueue
from constructs import Construct

from infra.messaging.message_queue import MessageQueue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_lambda import Function

# At least 5: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
# More, because in a burst of new keys messages return to the queue for lack of time alone: with 300 keys and
# calls of 0.2 s, up to 6 times (tests/infra/remediation/test_storm.py).
MAX_RECEIVES = 10
MAX_RETENTION = Duration.days(14)


class DeadLetters(MessageQueue):
    def __init__(self, scope: Construct, construct_id: str, *, operator_roles: Iterable[str]) -> None:
        super().__init__(scope, construct_id, operator_roles=operator_roles, retention_period=MAX_RETENTION)


class WorkQueue(MessageQueue):
    """A queue whose messages a function processes in batches."""

    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        dead_letters: MessageQueue,
        consumer_timeout: Duration,
        batching_window: Duration,
        operator_roles: Iterable[str],
    ) -> None:
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        visibility_seconds = 6 * consumer_timeout.to_seconds() + batching_window.to_seconds()
        super().__init__(
            scope,
            construct_id,
            operator_roles=operator_roles,
            visibility_timeout=Duration.seconds(visibility_seconds),
            dead_letter_queue=DeadLetterQueue(queue=dead_letters, max_receive_count=MAX_RECEIVES),
        )
        self._batching_window = batching_window

    def invoke(self, consumer: Function, *, batch_size: int, max_concurrency: int) -> None:
        consumer.add_event_source(
            SqsEventSource(
                self,
                batch_size=batch_size,
                max_batching_window=self._batching_window,
                max_concurrency=max_concurrency,
                report_batch_item_failures=True,
            )
        )


class Intake(Construct):
    """The queue of signals for `remediate`, and the dead-letter queue.

    All queues are encrypted with a key of SQS. With a customer managed key, EventBridge would drop signals
    without an error if the key's policy had a mistake, and a burst of signals would cost KMS calls too.
    Alerts and incidents, which contain more than signals, are encrypted with the customer managed key.

    The dead-letter queue holds messages that a function failed on MAX_RECEIVES times or rejected as
    malformed (attribute `reason`), and events that EventBridge could not deliver (`ERROR_CODE`).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        consumer_timeout: Duration,
        batching_window: Duration,
        operator_roles: Iterable[str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.dead_letter_queue = DeadLetters(self, "DeadLetters", operator_roles=operator_roles)
        self.signal_queue = WorkQueue(
            self,
            "Signals",
            dead_letters=self.dead_letter_queue,
            consumer_timeout=consumer_timeout,
            batching_window=batching_window,
            operator_roles=operator_roles,
        )
