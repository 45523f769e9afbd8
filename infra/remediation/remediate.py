"""The `remediate` function, which turns signals into incidents and alerts: its trigger and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.remediation.permissions import allow_remediation
from lambdas.handlers.bootstrap.function_settings import RemediateSettings

if TYPE_CHECKING:
    from infra.resources import StackResources
    from infra.rotation.fail_over import FailOver
    from infra.rotation.rotation_roles import RotationRoles

TIMEOUT = Duration.seconds(30)
BATCHING_WINDOW = Duration.seconds(1)  # the longest that a signal waits for others to fill the batch
BATCH_SIZE = 100
# A burst must not use up the account's concurrency or its request rates for IAM and CloudTrail. With the two
# of each other queue, 3 of the 10 that a new account has are left for scheduled runs, rotations and
# fail-overs. Five workers would not return a message to the queue less often
# (tests/infra/remediation/test_storm.py).
MAX_CONCURRENCY = 3


class Remediation(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: StackResources,
        fail_over: FailOver,
        roles: RotationRoles,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Remediate",
            resources=resources,
            description="Alerts the owner of a rejected access key and says what is wrong with it",
            handler_module="remediate",
            timeout=TIMEOUT,
            settings=resources.settings(
                RemediateSettings,
                fail_over_function_name=fail_over.function.function_name,
                retirement_role_name=roles.retire_keys.role_name,
            ),
        )
        allow_remediation(self.function, fail_over)
        intake = resources.intake
        intake.signal_queue.invoke(self.function, batch_size=BATCH_SIZE, max_concurrency=MAX_CONCURRENCY)
        # To open incidents.
        self.function.allow(["dynamodb:PutItem"], on=resources.storage.incident_table.table_arn)
        intake.dead_letter_queue.accept(self.function.execution_role)
