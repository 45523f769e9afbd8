"""The `sync_keys` function: its schedule, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Duration, Validations
from aws_cdk.aws_events import RuleTargetInput
from aws_cdk.aws_events_targets import LambdaFunction

from infra.detection.rules import SignalRule
from infra.functions.python_function import PythonFunction
from infra.functions.schedule import MINUTE, Periodic
from lambdas.handlers.bootstrap.sync_settings import SyncSettings

if TYPE_CHECKING:
    from aws_cdk.aws_sqs import Queue
    from constructs import Construct

    from infra.resources import Surroundings

TIMEOUT = Duration.minutes(5)


class SyncKeys(PythonFunction):
    """Asked every minute whether there is something to do: a sync that is due, or one that was cut off at
    the time limit and goes on where it was. Invoked with `{}`, by a person or because the stage's mode was
    turned, it syncs at once: so every enrolled user is looked at, and schedules end or begin with the mode.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, surroundings: Surroundings, enrolments: Queue
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Mends the ledger of access keys from a complete listing of IAM's users and keys",
            code=surroundings.code,
            handler_module="sync_keys",
            memory_mib=256,
            timeout=TIMEOUT,
            environment=_settings(surroundings, enrolments).to_env(),
            log_retention_seconds=surroundings.config.log_retention_seconds,
        )
        Periodic(
            scope,
            "EveryMinute",
            starts=self,
            every=MINUTE,
            description="Lets the ledger be synced when that is due",
            event={"onlyIfDue": True},
        )
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
        SignalRule(
            scope,
            "ModeTurned",
            description="Has enrolled users looked at when the stage's mode is turned",
            source=["aws.ssm"],
            detail_type="Parameter Store Change",
            detail={"name": [surroundings.switches.mode.parameter_name], "operation": ["Update"]},
            target=LambdaFunction(self, event=RuleTargetInput.from_object({})),
        )
        self._let_list_iam()
        storage = surroundings.storage
        ledger = storage.ledger_table
        self.allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"], on=ledger.table_arn)
        self.allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], on=storage.lease_table.table_arn
        )
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        storage.key.grant(self, "kms:Decrypt")
        enrolments.grant(self, "sqs:SendMessage")

    def _let_list_iam(self) -> None:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
        self.allow(
            ["iam:GetAccessKeyLastUsed", "iam:GetAccountAuthorizationDetails", "iam:ListAccessKeys"], on="*"
        )
        Validations.of(self.execution_role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="GetAccountAuthorizationDetails has no resource that could be named. The others are "
                "asked of users and keys that may be gone by then, for which IAM has no ARN to match: a "
                "narrow grant would answer AccessDenied, as if the permission were missing. All of them "
                "only read.",
            )
        )


def _settings(surroundings: Surroundings, enrolments: Queue) -> SyncSettings:
    return SyncSettings(
        account=Aws.ACCOUNT_ID,
        partition=Aws.PARTITION,
        ledger_table_name=surroundings.storage.ledger_table.table_name,
        lease_table_name=surroundings.storage.lease_table.table_name,
        sync_interval_seconds=surroundings.config.sync_interval_seconds,
        enrolment_queue_url=enrolments.queue_url,
    )
