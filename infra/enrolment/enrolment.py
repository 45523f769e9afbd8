"""The `enrol_users` function, which makes managed secrets for users that claim one; and what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_lambda import RecursiveLoop
from constructs import Construct

from infra.detection.queues import WorkQueue
from infra.functions.python_function import PythonFunction
from infra.rotation.managed_secrets import allow_key_through, allow_on_secrets
from infra.storage.retained_table import only_items
from lambdas.handlers.bootstrap.enrol_settings import EnrolSettings
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.adapters.rotation_budget import BUDGET_PREFIX
from lambdas.rotation.adapters.rotation_table import PREFIX

if TYPE_CHECKING:
    from aws_cdk.aws_sqs import Queue

    from infra.resources import StackResources
    from infra.rotation.rotation import Rotation
    from infra.storage.tables import Storage

TIMEOUT = Duration.seconds(60)
BATCHING_WINDOW = Duration.seconds(1)
BATCH_SIZE = 10
MAX_CONCURRENCY = 2  # it shares the request rates of IAM and of Secrets Manager with the account


class EnrolmentQueue(WorkQueue):
    """Of users whose claim is to be looked at: `track_keys` and `sync_keys` write to it."""

    def __init__(self, scope: Construct, construct_id: str, *, dead_letters: Queue) -> None:
        super().__init__(
            scope,
            construct_id,
            dead_letters=dead_letters,
            consumer_timeout=TIMEOUT,
            batching_window=BATCHING_WINDOW,
        )


class Enrolment(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: StackResources,
        rotation: Rotation,
        queue: EnrolmentQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "EnrolUsers",
            resources=resources,
            description="Makes managed secrets for users that claim one, and sets how they are rotated",
            handler_module="enrol_users",
            timeout=TIMEOUT,
            settings=resources.settings(
                EnrolSettings,
                enrolment_queue_url=queue.queue_url,
                rotation_function_arn=rotation.function.function_arn,
            ),
            recursive_loop=RecursiveLoop.ALLOW,
        )
        queue.invoke(self.function, batch_size=BATCH_SIZE, max_concurrency=MAX_CONCURRENCY)
        switches = [resources.switches.kill_switch, resources.switches.mode]
        self.function.allow(["ssm:GetParameter"], on=[switch.parameter_arn for switch in switches])
        self.function.allow_reading_iam(["iam:GetUser", "iam:ListAttachedUserPolicies"])
        self._allow_creating_secrets()
        if resources.config.rotation.users_read_own_secret:
            self._allow_resource_policies()
        rotation.allow_start_by(self.function)
        self._allow_tables_and_key(resources.storage)
        # Who waits for the next hour's budget is looked at again through the queue. Lambda would take that
        # for a loop that ran away, and stop it after some 16 rounds, but each takes a quarter of an hour:
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
        queue.grant(self.function, "sqs:SendMessage")
        resources.intake.signal_queue.grant(self.function, "sqs:SendMessage")
        resources.intake.dead_letter_queue.grant(self.function, "sqs:SendMessage")

    def _allow_creating_secrets(self) -> None:
        """It names the owner of a secret that it makes, and of none that has one: whose a secret is never
        changes here.
        """
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        its_tag_alone = {"aws:TagKeys": [USER_ID_TAG]}
        named = {f"aws:RequestTag/{USER_ID_TAG}": "false"}
        unowned = {f"aws:ResourceTag/{USER_ID_TAG}": "true"}
        allow_on_secrets(
            self.function,
            ["secretsmanager:CreateSecret"],
            {"ForAllValues:StringEquals": its_tag_alone, "Null": named},
        )
        allow_on_secrets(
            self.function,
            ["secretsmanager:TagResource"],
            {"ForAllValues:StringEquals": its_tag_alone, "Null": named | unowned},
        )
        allow_on_secrets(self.function, ["secretsmanager:CancelRotateSecret"])

    def _allow_resource_policies(self) -> None:
        """By which a secret lets its own user read it, and nobody else of the public."""
        actions = ["secretsmanager:GetResourcePolicy", "secretsmanager:DeleteResourcePolicy"]
        allow_on_secrets(self.function, actions)
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        allow_on_secrets(
            self.function,
            ["secretsmanager:PutResourcePolicy"],
            {"Bool": {"secretsmanager:BlockPublicPolicy": "true"}},
        )

    def _allow_tables_and_key(self, storage: Storage) -> None:
        # The states of the rotations, which are in the ledger beside the keys, and none of those; and how
        # many were started in an hour, which is in the table of the leases.
        ledger, leases = storage.ledger_table.table_arn, storage.lease_table.table_arn
        states, budget = f"{PREFIX}*", f"{BUDGET_PREFIX}*"
        self.function.allow(["dynamodb:GetItem"], on=[ledger, leases], when=only_items(states, budget))
        self.function.allow(["dynamodb:PutItem"], on=ledger, when=only_items(states))
        self.function.allow(["dynamodb:UpdateItem"], on=leases, when=only_items(budget))
        # A new secret is encrypted with the key of the tables.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
        allow_key_through(self.function, "kms:Decrypt", "secretsmanager", "dynamodb")
        allow_key_through(self.function, "kms:GenerateDataKey", "secretsmanager")
