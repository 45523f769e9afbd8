"""The `track_keys` function: its trigger, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Duration, Validations
from aws_cdk.aws_lambda_event_sources import SqsEventSource

from infra.functions.python_function import PythonFunction
from lambdas.handlers.bootstrap.track_settings import TrackSettings
from lambdas.ledger.adapters.ledger_indexes import OWNER_INDEX

if TYPE_CHECKING:
    from aws_cdk.aws_sqs import Queue
    from constructs import Construct

    from infra.resources import Surroundings
    from infra.rotation.rotation_roles import RotationRoles

TIMEOUT = Duration.seconds(30)
BATCHING_WINDOW = Duration.seconds(1)
BATCH_SIZE = 100
MAX_CONCURRENCY = 2  # it shares IAM's request rate with the account


class TrackKeys(PythonFunction):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        surroundings: Surroundings,
        queue: Queue,
        own_roles: RotationRoles,
        enrolments: Queue,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Keeps the ledger of access keys as they are made, switched off and deleted",
            code=surroundings.code,
            handler_module="track_keys",
            memory_mib=256,
            timeout=TIMEOUT,
            environment=_settings(surroundings, own_roles, enrolments).to_env(),
            log_retention_seconds=surroundings.config.log_retention_seconds,
        )
        self.add_event_source(
            SqsEventSource(
                queue,
                batch_size=BATCH_SIZE,
                max_batching_window=BATCHING_WINDOW,
                max_concurrency=MAX_CONCURRENCY,
                report_batch_item_failures=True,
            )
        )
        self._let_ask_iam()
        ledger = surroundings.storage.ledger_table
        self.allow(["dynamodb:GetItem", "dynamodb:PutItem"], on=ledger.table_arn)
        self.allow(["dynamodb:Query"], on=ledger.index_arn(OWNER_INDEX))
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        surroundings.storage.key.grant(self, "kms:Decrypt")
        # A predicted outage is a signal too.
        surroundings.intake.signal_queue.grant(self, "sqs:SendMessage")
        surroundings.intake.dead_letter_queue.grant(self, "sqs:SendMessage")
        enrolments.grant(self, "sqs:SendMessage")

    def _let_ask_iam(self) -> None:
        self.allow(["iam:GetAccessKeyLastUsed", "iam:GetUser", "iam:ListAccessKeys"], on="*")
        Validations.of(self.execution_role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="They are asked of keys that belong to nobody and of users that are gone, for "
                "which IAM has no ARN to match: a narrow grant would answer AccessDenied, as if the "
                "permission were missing. All of them only read.",
            )
        )


def _settings(surroundings: Surroundings, own_roles: RotationRoles, enrolments: Queue) -> TrackSettings:
    return TrackSettings(
        account=Aws.ACCOUNT_ID,
        partition=Aws.PARTITION,
        ledger_table_name=surroundings.storage.ledger_table.table_name,
        signal_queue_url=surroundings.intake.signal_queue.queue_url,
        dead_letter_queue_url=surroundings.intake.dead_letter_queue.queue_url,
        prediction_window_seconds=surroundings.config.prediction_window_seconds,
        deletion_grace_seconds=surroundings.config.deletion_grace_seconds,
        rotation_role_name=own_roles.rotate_key.role_name,
        retirement_role_name=own_roles.retire_keys.role_name,
        enrolment_queue_url=enrolments.queue_url,
    )
