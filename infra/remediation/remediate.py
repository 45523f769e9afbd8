"""The `remediate` function: its trigger, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.remediation.remediator_function import RemediatorFunction

if TYPE_CHECKING:
    from infra.resources import Surroundings
    from infra.rotation.fail_over import FailingOver

TIMEOUT = Duration.seconds(30)
BATCHING_WINDOW = Duration.seconds(1)  # the longest an alert waits for other signals to share its batch
BATCH_SIZE = 100
# A storm may not take the account's concurrency, nor IAM's request rate, from others.
MAX_CONCURRENCY = 5


class Remediation(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: Surroundings,
        failing_over: FailingOver,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = RemediatorFunction(
            self,
            "Remediate",
            description="Tells the owner of a refused access key what is wrong with it",
            handler_module="remediate",
            timeout=TIMEOUT,
            surroundings=surroundings,
            failing_over=failing_over,
        )
        self.function.add_event_source(
            SqsEventSource(
                surroundings.intake.signal_queue,
                batch_size=BATCH_SIZE,
                max_batching_window=BATCHING_WINDOW,
                max_concurrency=MAX_CONCURRENCY,
                report_batch_item_failures=True,
            )
        )
        # It opens incidents.
        self.function.allow(["dynamodb:PutItem"], on=surroundings.storage.incident_table.table_arn)
        surroundings.intake.dead_letter_queue.grant(self.function, "sqs:SendMessage")
