"""The `remediate` function: its trigger, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.remediation.permissions import let_remediate
from lambdas.handlers.bootstrap.remediate_settings import RemediateSettings

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
        self, scope: Construct, construct_id: str, *, surroundings: Surroundings, failing_over: FailingOver
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Remediate",
            surroundings=surroundings,
            description="Tells the owner of a refused access key what is wrong with it",
            handler_module="remediate",
            timeout=TIMEOUT,
            settings=surroundings.settings(
                RemediateSettings, fail_over_function_name=failing_over.function.function_name
            ),
        )
        let_remediate(self.function, failing_over)
        intake = surroundings.intake
        intake.signal_queue.start(self.function, batch_size=BATCH_SIZE, max_concurrency=MAX_CONCURRENCY)
        # It opens incidents.
        self.function.allow(["dynamodb:PutItem"], on=surroundings.storage.incident_table.table_arn)
        intake.dead_letter_queue.grant(self.function, "sqs:SendMessage")
