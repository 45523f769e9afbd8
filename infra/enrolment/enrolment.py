"""The `enrol_users` function, which creates managed secrets for users that claim one, and its permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, Duration
from aws_cdk.aws_lambda import RecursiveLoop
from constructs import Construct

from infra.config.features import has_loop_detection
from infra.functions.python_function import PythonFunction
from infra.rotation.managed_secrets import allow_key_through, allow_on_secrets
from infra.storage.retained_table import only_items
from lambdas.enrolment.adapters.delayed_claims import DELAYED_PREFIX
from lambdas.enrolment.adapters.secret_reservations import RESERVATION_PREFIX
from lambdas.handlers.bootstrap.function_settings import EnrolSettings
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.adapters.rotation_budget import BUDGET_PREFIX
from lambdas.rotation.adapters.rotation_table import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra.detection.queues import WorkQueue
    from infra.resources import StackResources
    from infra.rotation.rotation import Rotation
    from infra.storage.tables import Storage

TIMEOUT = Duration.seconds(60)
BATCHING_WINDOW = Duration.seconds(1)
BATCH_SIZE = 10
MAX_CONCURRENCY = 2  # the account shares the request rates of IAM and Secrets Manager


class Enrolment(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: StackResources,
        rotation: Rotation,
        queue: WorkQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "EnrolUsers",
            resources=resources,
            description="Creates managed secrets for users that claim one, and sets their rotation schedules",
            handler_module="enrol_users",
            timeout=TIMEOUT,
            settings=resources.settings(
                EnrolSettings,
                enrolment_queue_url=queue.queue_url,
                rotation_function_arn=rotation.function.function_arn,
            ),
            recursive_loop=RecursiveLoop.ALLOW if has_loop_detection(resources.regions) else None,
        )
        queue.invoke(self.function, batch_size=BATCH_SIZE, max_concurrency=MAX_CONCURRENCY)
        switches = [resources.switches.kill_switch, resources.switches.mode]
        self.function.allow(["ssm:GetParameter"], on=[switch.parameter_arn for switch in switches])
        self.function.allow_reading_iam(["iam:GetUser", "iam:ListAttachedUserPolicies"])
        self._allow_creating_secrets(resources.config.new_secret_tags)
        # A secret that others may read is not adopted.
        allow_on_secrets(self.function, ["secretsmanager:GetResourcePolicy"])
        if resources.config.rotation.users_read_own_secret:
            self._allow_resource_policies()
        rotation.allow_setting_by(self.function)
        self._allow_looking_for_functions()
        self._allow_tables_and_key(resources.storage)
        # A user that waits for the next hour's budget is queued again, a quarter of an hour later. Lambda
        # would treat that as a runaway loop and stop it after about 16 invocations.
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
        queue.accept(self.function.execution_role)
        resources.intake.signal_queue.accept(self.function.execution_role)
        resources.intake.dead_letter_queue.accept(self.function.execution_role)

    def _allow_creating_secrets(self, tags: Iterable[str]) -> None:
        """The function sets the owner of a secret without one, and cannot change the owner of any other."""
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        owner_alone: Mapping[str, Mapping[str, object]] = {
            "ForAllValues:StringEquals": {"aws:TagKeys": [USER_ID_TAG, *tags]},
            "Null": {f"aws:RequestTag/{USER_ID_TAG}": "false"},
        }
        allow_on_secrets(self.function, ["secretsmanager:CreateSecret"], owner_alone)
        # CreateSecret needs it, and is evaluated on the secret as it will be, tagged.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_attribute-based-access-control.html
        owner_unchanged = {f"aws:ResourceTag/{USER_ID_TAG}": f"${{aws:RequestTag/{USER_ID_TAG}}}"}
        allow_on_secrets(
            self.function,
            ["secretsmanager:TagResource"],
            {**owner_alone, "StringEqualsIfExists": owner_unchanged},
        )
        allow_on_secrets(self.function, ["secretsmanager:CancelRotateSecret"])

    def _allow_looking_for_functions(self) -> None:
        """A secret that another function rotates is adopted only if that function is gone. Without the
        permission, Lambda would answer AccessDenied for a missing function too.
        """
        self.function.allow(
            ["lambda:GetFunctionConcurrency"],
            on=f"arn:{Aws.PARTITION}:lambda:{Aws.REGION}:{Aws.ACCOUNT_ID}:function:*",
            wildcard_reason="The function may be that of an earlier deployment, whose name is unknown here. "
            "The action only reads one number.",
        )

    def _allow_resource_policies(self) -> None:
        """Resource policies, never public ones, that allow a user to read its own secret."""
        allow_on_secrets(self.function, ["secretsmanager:DeleteResourcePolicy"])
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        allow_on_secrets(
            self.function,
            ["secretsmanager:PutResourcePolicy"],
            {"Bool": {"secretsmanager:BlockPublicPolicy": "true"}},
        )

    def _allow_tables_and_key(self, storage: Storage) -> None:
        # In the ledger, only the states of rotations and which secret a user has, not the keys; in the lease
        # table, only the count of rotations started in an hour, and which users are processed later.
        ledger, leases = storage.ledger_table.table_arn, storage.lease_table.table_arn
        states, secrets = f"{PREFIX}*", f"{RESERVATION_PREFIX}*"
        budget, delayed = f"{BUDGET_PREFIX}*", f"{DELAYED_PREFIX}*"
        readable = only_items(states, budget, secrets, delayed)
        self.function.allow(["dynamodb:GetItem"], on=[ledger, leases], when=readable)
        self.function.allow(["dynamodb:PutItem"], on=ledger, when=only_items(states, secrets))
        self.function.allow(["dynamodb:UpdateItem"], on=leases, when=only_items(budget, delayed))
        # A new secret is encrypted with the key of the tables.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
        allow_key_through(self.function, "kms:Decrypt", "secretsmanager", "dynamodb")
        allow_key_through(self.function, "kms:GenerateDataKey", "secretsmanager")
