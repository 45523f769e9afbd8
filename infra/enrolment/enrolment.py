"""The `enrol_users` function, which makes managed secrets for users that claim one; and what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Duration, Validations
from aws_cdk.aws_lambda import RecursiveLoop
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.detection.queues import WorkQueue
from infra.functions.python_function import PythonFunction
from infra.rotation.managed_secrets import let_use_key, let_use_secrets
from lambdas.handlers.bootstrap.enrol_settings import EnrolSettings
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.adapters.rotation_budget import BUDGET_PREFIX
from lambdas.rotation.adapters.rotation_table import PREFIX

if TYPE_CHECKING:
    from aws_cdk.aws_sqs import Queue

    from infra.resources import Surroundings
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
        surroundings: Surroundings,
        rotation: Rotation,
        queue: EnrolmentQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix = surroundings.config.rotation.secret_prefix
        self.function = PythonFunction(
            self,
            "EnrolUsers",
            description="Makes managed secrets for users that claim one, and sets how they are rotated",
            code=surroundings.code,
            handler_module="enrol_users",
            memory_mib=256,
            timeout=TIMEOUT,
            environment=_settings(surroundings, rotation, queue).to_env(),
            log_retention_seconds=surroundings.config.log_retention_seconds,
            recursive_loop=RecursiveLoop.ALLOW,
        )
        self.function.add_event_source(
            SqsEventSource(
                queue,
                batch_size=BATCH_SIZE,
                max_batching_window=BATCHING_WINDOW,
                max_concurrency=MAX_CONCURRENCY,
                report_batch_item_failures=True,
            )
        )
        self._let_look(surroundings)
        self._let_make_secrets()
        if surroundings.config.rotation.users_read_own_secret:
            self._let_write_policies()
        rotation.let_start(self.function)
        self._let_use_storage(surroundings.storage)
        # Who waits for the next hour's budget is looked at again through the queue. Lambda would take that
        # for a loop that ran away, and stop it after some 16 rounds, but each takes a quarter of an hour:
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
        queue.grant(self.function, "sqs:SendMessage")
        surroundings.intake.signal_queue.grant(self.function, "sqs:SendMessage")
        surroundings.intake.dead_letter_queue.grant(self.function, "sqs:SendMessage")

    def _let_look(self, surroundings: Surroundings) -> None:
        switches = surroundings.switches
        switches.let_read(self.function, switches.kill_switch, switches.mode)
        self.function.allow(["iam:GetUser", "iam:ListAttachedUserPolicies"], on="*")
        Validations.of(self.function.execution_role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="They are asked of users that may be gone by then, for which IAM has no ARN to match: "
                "a narrow grant would answer AccessDenied, as if the permission were missing. Both only "
                "read.",
            )
        )

    def _let_make_secrets(self) -> None:
        """It names the owner of a secret that it makes, and of none that has one: whose a secret is never
        changes here.
        """
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        its_tag_alone = {"aws:TagKeys": [USER_ID_TAG]}
        named, unowned = (
            {f"aws:RequestTag/{USER_ID_TAG}": "false"},
            {f"aws:ResourceTag/{USER_ID_TAG}": "true"},
        )
        let_use_secrets(
            self.function,
            self._prefix,
            ["secretsmanager:CreateSecret"],
            {"ForAllValues:StringEquals": its_tag_alone, "Null": named},
        )
        let_use_secrets(
            self.function,
            self._prefix,
            ["secretsmanager:TagResource"],
            {"ForAllValues:StringEquals": its_tag_alone, "Null": named | unowned},
        )
        let_use_secrets(self.function, self._prefix, ["secretsmanager:CancelRotateSecret"])

    def _let_write_policies(self) -> None:
        """By which a secret lets its own user read it, and nobody else of the public."""
        actions = ["secretsmanager:GetResourcePolicy", "secretsmanager:DeleteResourcePolicy"]
        let_use_secrets(self.function, self._prefix, actions)
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        let_use_secrets(
            self.function,
            self._prefix,
            ["secretsmanager:PutResourcePolicy"],
            {"Bool": {"secretsmanager:BlockPublicPolicy": "true"}},
        )

    def _let_use_storage(self, storage: Storage) -> None:
        # The states of the rotations, which are in the ledger beside the keys, and none of those; and how
        # many were started in an hour, which is in the table of the leases.
        ledger, leases = storage.ledger_table.table_arn, storage.lease_table.table_arn
        states, budget = f"{PREFIX}*", f"{BUDGET_PREFIX}*"
        self.function.allow(["dynamodb:GetItem"], on=[ledger, leases], when=_items(states, budget))
        self.function.allow(["dynamodb:PutItem"], on=ledger, when=_items(states))
        self.function.allow(["dynamodb:UpdateItem"], on=leases, when=_items(budget))
        # A new secret is encrypted with the key of the tables.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
        let_use_key(self.function, storage, "kms:Decrypt", "secretsmanager", "dynamodb")
        let_use_key(self.function, storage, "kms:GenerateDataKey", "secretsmanager")


def _items(*keys: str) -> dict[str, dict[str, object]]:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}}


def _settings(surroundings: Surroundings, rotation: Rotation, queue: Queue) -> EnrolSettings:
    config, switches = surroundings.config.rotation, surroundings.switches
    return EnrolSettings(
        account=Aws.ACCOUNT_ID,
        partition=Aws.PARTITION,
        ledger_table_name=surroundings.storage.ledger_table.table_name,
        lease_table_name=surroundings.storage.lease_table.table_name,
        enrolment_queue_url=queue.queue_url,
        hourly_budget=config.hourly_budget,
        secret_prefix=config.secret_prefix,
        schedule_days=config.schedule_days,
        users_read_own_secret=config.users_read_own_secret,
        rotation_function_arn=rotation.function.function_arn,
        managed_secret_key_arn=surroundings.storage.key.key_arn,
        kill_switch_parameter=switches.kill_switch.parameter_name,
        mode_parameter=switches.mode.parameter_name,
        signal_queue_url=surroundings.intake.signal_queue.queue_url,
        dead_letter_queue_url=surroundings.intake.dead_letter_queue.queue_url,
    )
