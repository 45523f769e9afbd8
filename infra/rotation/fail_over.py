"""The `fail_over` function, which switches a secret to another key that works, and its permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.rotation.managed_secrets import allow_adopted_keys, allow_key_through, allow_on_secrets
from infra.rotation.permissions import allow_simulating_users
from infra.storage.retained_table import only_items
from lambdas.handlers.bootstrap.function_settings import FailOverSettings
from lambdas.rotation.adapters.rotation_table import PREFIX

if TYPE_CHECKING:
    from infra.resources import StackResources

TIMEOUT = Duration.seconds(20)  # far below MAX_RUN_TIME of lambdas/rotation/deletion_evidence.py


class FailOver(Construct):
    """The function cannot create, deactivate or delete keys. It only moves labels of secret versions, and
    copies a backup user's key into the secret of the user that it backs up.
    """

    def __init__(self, scope: Construct, construct_id: str, *, resources: StackResources) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "FailOver",
            resources=resources,
            description="Switches a managed secret whose key no longer works to another key that works",
            handler_module="fail_over",
            timeout=TIMEOUT,
            settings=resources.settings(FailOverSettings),
        )
        self.function.allow_reading_iam(["iam:GetUser", "iam:ListAccessKeys", "iam:ListAttachedUserPolicies"])
        allow_simulating_users(self.function)
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
        # What a person had it do is sent as a signal.
        resources.intake.signal_queue.accept(self.function.execution_role)

    def allow_invocation_by(self, asker: PythonFunction) -> None:
        """The caller itself needs no permission to read secrets."""
        asker.allow(["lambda:InvokeFunction"], on=self.function.function_arn)

    def _allow_tables_and_key(self) -> None:
        """In the ledger the function may write the states of rotations, but not the entries of keys."""
        ledger = self.function.resources.storage.ledger_table.table_arn
        self.function.allow(["dynamodb:GetItem"], on=ledger)
        self.function.allow(["dynamodb:PutItem"], on=ledger, when=only_items(f"{PREFIX}*"))
        allow_key_through(self.function, "kms:Decrypt", "secretsmanager", "dynamodb")
        allow_key_through(self.function, "kms:GenerateDataKey", "secretsmanager")
        allow_adopted_keys(self.function, "kms:Decrypt", "kms:GenerateDataKey")
