"""The `sync_keys` function, which corrects the ledger from a listing of IAM: its triggers and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_events import RuleTargetInput
from aws_cdk.aws_events_targets import LambdaFunction

from infra.detection.rules import RulePattern, SignalRule
from infra.functions.python_function import PythonFunction
from infra.functions.schedule import MINUTE, ScheduledRun
from infra.ledger.permissions import allow_writing_entries
from infra.messaging.message_queue import RuleTarget
from infra.storage.retained_table import only_items
from lambdas.handlers.bootstrap.function_settings import SyncSettings
from lambdas.ledger.adapters.sync_progress import SYNC_ITEM

if TYPE_CHECKING:
    from constructs import Construct

    from infra.messaging.message_queue import MessageQueue
    from infra.resources import StackResources

TIMEOUT = Duration.minutes(5)


class SyncKeys(PythonFunction):
    """Runs every minute, to start a sync that is due or to resume one that reached the time limit. Invoked
    with `{}`, by a person or after a change of the deployment's mode, it starts a sync at once. The sync
    checks every enrolled user, so rotation schedules start or stop with the mode.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, resources: StackResources, enrolments: MessageQueue
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            resources=resources,
            description="Corrects the ledger of access keys from a complete listing of IAM users and keys",
            handler_module="sync_keys",
            timeout=TIMEOUT,
            settings=resources.settings(SyncSettings, enrolment_queue_url=enrolments.queue_url),
        )
        ScheduledRun(
            scope,
            "EveryMinute",
            function=self,
            every=MINUTE,
            description="Starts a sync of the ledger when one is due",
            event={"onlyIfDue": True},
        )
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
        mode_changes = RulePattern(
            description="Starts a sync of the ledger when the deployment's mode changes",
            source=["aws.ssm"],
            detail_type="Parameter Store Change",
            detail={"name": [resources.switches.mode.parameter_name], "operation": ["Update"]},
        )
        target = RuleTarget(LambdaFunction(self, event=RuleTargetInput.from_object({})))
        SignalRule(scope, "ModeTurned", mode_changes, target=target)
        self.allow_reading_iam(
            ["iam:GetAccessKeyLastUsed", "iam:GetAccountAuthorizationDetails", "iam:ListAccessKeys"]
        )
        storage = resources.storage
        self.allow(["dynamodb:GetItem", "dynamodb:Scan"], on=storage.ledger_table.table_arn)
        allow_writing_entries(self)
        self.allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            on=storage.lease_table.table_arn,
            when=only_items(SYNC_ITEM),
        )
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        storage.key.grant(self, "kms:Decrypt")
        enrolments.accept(self.execution_role)
