"""The `remediate` function: its trigger, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.remediation.permissions import allow_remediation
from lambdas.handlers.bootstrap.remediate_settings import RemediateSettings

if TYPE_CHECKING:
    from infra.resources import StackResources
    from infra.rotation.fail_over import FailOver

TIMEOUT = Duration.seconds(30)
BATCHING_WINDOW = Duration.seconds(1)  # the longest an alert waits for other signals to share its batch
BATCH_SIZE = 100
# A storm may not take the account's concurrency, nor IAM's request rate, from others.
MAX_CONCURRENCY = 5


class Remediation(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, resources: StackResources, fail_over: FailOver
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Remediate",
            resources=resources,
            description="Tells the owner of a refused access key what is wrong with it",
            handler_module="remediate",
            timeout=TIMEOUT,
            settings=resources.settings(
                RemediateSettings, fail_over_function_name=fail_over.function.function_name
            ),
        )
        allow_remediation(self.function, fail_over)
        intake = resources.intake
        intake.signal_queue.invoke(self.function, batch_size=BATCH_SIZE, max_concurrency=MAX_CONCURRENCY)
        # It opens incidents.
        self.function.allow(["dynamodb:PutItem"], on=resources.storage.incident_table.table_arn)
        intake.dead_letter_queue.grant(self.function, "sqs:SendMessage")
