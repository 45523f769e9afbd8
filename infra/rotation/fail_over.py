"""The `fail_over` function, which gives a secret another key that works, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import USERS, PythonFunction
from infra.rotation.managed_secrets import allow_key_through, allow_on_secrets
from infra.storage.retained_table import only_items
from lambdas.handlers.bootstrap.fail_over_settings import FailOverSettings
from lambdas.rotation.adapters.rotation_table import PREFIX

if TYPE_CHECKING:
    from infra.resources import StackResources

TIMEOUT = Duration.seconds(20)  # far below making.MAX_RUN_TIME


class FailOver(Construct):
    """It can neither make nor switch nor delete a key: it only moves labels, and puts a backup user's key
    into the secret of the user whose backup it is.
    """

    def __init__(self, scope: Construct, construct_id: str, *, resources: StackResources) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "FailOver",
            resources=resources,
            description="Gives a managed secret whose key is dead another key that works",
            handler_module="fail_over",
            timeout=TIMEOUT,
            settings=resources.settings(FailOverSettings),
        )
        self.function.allow_reading_iam(["iam:GetUser", "iam:ListAccessKeys", "iam:ListAttachedUserPolicies"])
        self.function.allow(
            ["iam:SimulatePrincipalPolicy"],
            on=USERS,
            wildcard_reason="Users are enrolled without a deployment. Of each it is asked whether it could "
            "read the key that its secret is to borrow. It only reads: it tells what a user may do.",
        )
        self._allow_tables_and_key()
        allow_on_secrets(
            self.function,
            [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetResourcePolicy",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
        )
        self.function.allow(["ssm:GetParameter"], on=resources.switches.kill_switch.parameter_arn)

    def allow_invocation_by(self, asker: PythonFunction) -> None:
        """Whoever asks for it never reads a secret."""
        asker.allow(["lambda:InvokeFunction"], on=self.function.function_arn)

    def _allow_tables_and_key(self) -> None:
        """Of the ledger's items it may write the states of rotations alone, not what is known of keys."""
        ledger = self.function.resources.storage.ledger_table.table_arn
        self.function.allow(["dynamodb:GetItem"], on=ledger)
        self.function.allow(["dynamodb:PutItem"], on=ledger, when=only_items(f"{PREFIX}*"))
        allow_key_through(self.function, "kms:Decrypt", "secretsmanager", "dynamodb")
        allow_key_through(self.function, "kms:GenerateDataKey", "secretsmanager")
