"""The `sync_keys` function: its schedule, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_events import RuleTargetInput
from aws_cdk.aws_events_targets import LambdaFunction

from infra.detection.rules import Records, SignalRule
from infra.functions.python_function import PythonFunction
from infra.functions.schedule import MINUTE, ScheduledRun
from lambdas.handlers.bootstrap.sync_settings import SyncSettings

if TYPE_CHECKING:
    from aws_cdk.aws_sqs import Queue
    from constructs import Construct

    from infra.resources import StackResources

TIMEOUT = Duration.minutes(5)


class SyncKeys(PythonFunction):
    """Asked every minute whether there is something to do: a sync that is due, or one that was cut off at
    the time limit and goes on where it was. Invoked with `{}`, by a person or because the stage's mode was
    turned, it syncs at once: so every enrolled user is looked at, and schedules end or begin with the mode.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, resources: StackResources, enrolments: Queue
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            resources=resources,
            description="Mends the ledger of access keys from a complete listing of IAM's users and keys",
            handler_module="sync_keys",
            timeout=TIMEOUT,
            settings=resources.settings(SyncSettings, enrolment_queue_url=enrolments.queue_url),
        )
        ScheduledRun(
            scope,
            "EveryMinute",
            function=self,
            every=MINUTE,
            description="Lets the ledger be synced when that is due",
            event={"onlyIfDue": True},
        )
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
        turned = Records(
            description="Has enrolled users looked at when the stage's mode is turned",
            source=["aws.ssm"],
            detail_type="Parameter Store Change",
            detail={"name": [resources.switches.mode.parameter_name], "operation": ["Update"]},
        )
        target = LambdaFunction(self, event=RuleTargetInput.from_object({}))
        SignalRule(scope, "ModeTurned", turned, target=target)
        self.allow_reading_iam(
            ["iam:GetAccessKeyLastUsed", "iam:GetAccountAuthorizationDetails", "iam:ListAccessKeys"]
        )
        storage = resources.storage
        ledger = storage.ledger_table
        self.allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"], on=ledger.table_arn)
        self.allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], on=storage.lease_table.table_arn
        )
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        storage.key.grant(self, "kms:Decrypt")
        enrolments.grant(self, "sqs:SendMessage")
