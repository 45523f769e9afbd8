"""The `fail_over` function, which gives a secret another key that works, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Duration, Validations
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.resources import USERS
from infra.rotation.managed_secrets import let_use_key, let_use_secrets
from lambdas.handlers.bootstrap.fail_over_settings import FailOverSettings
from lambdas.rotation.adapters.rotation_table import PREFIX

if TYPE_CHECKING:
    from infra.resources import Surroundings
    from infra.storage.tables import Storage

TIMEOUT = Duration.seconds(20)  # far below making.MAX_RUN_TIME


class FailingOver(Construct):
    """It can neither make nor switch nor delete a key: it only moves labels, and puts a backup user's key
    into the secret of the user whose backup it is.
    """

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(scope, construct_id)
        rotation, switches = surroundings.config.rotation, surroundings.switches
        self.function = PythonFunction(
            self,
            "FailOver",
            description="Gives a managed secret whose key is dead another key that works",
            code=surroundings.code,
            handler_module="fail_over",
            memory_mib=256,
            timeout=TIMEOUT,
            environment=FailOverSettings(
                account=Aws.ACCOUNT_ID,
                partition=Aws.PARTITION,
                ledger_table_name=surroundings.storage.ledger_table.table_name,
                secret_prefix=rotation.secret_prefix,
                kill_switch_parameter=switches.kill_switch.parameter_name,
                grace_seconds=rotation.grace_seconds,
                backup_users=rotation.backup_users,
            ).to_env(),
            log_retention_seconds=surroundings.config.log_retention_seconds,
        )
        self._let_look()
        self._let_use_storage(surroundings.storage)
        let_use_secrets(
            self.function,
            rotation.secret_prefix,
            [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetResourcePolicy",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
        )
        switches.let_read(self.function, switches.kill_switch)

    def let_ask(self, asker: PythonFunction) -> None:
        """Whoever asks for it never reads a secret."""
        asker.allow(["lambda:InvokeFunction"], on=self.function.function_arn)

    def _let_look(self) -> None:
        self.function.allow(["iam:GetUser", "iam:ListAccessKeys", "iam:ListAttachedUserPolicies"], on="*")
        Validations.of(self.function.execution_role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="They are asked of users that may be gone by then, for which IAM has no ARN to match: "
                "a narrow grant would answer AccessDenied, as if the permission were missing. All of them "
                "only read.",
            )
        )
        self.function.allow(["iam:SimulatePrincipalPolicy"], on=USERS)
        Validations.of(self.function.execution_role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:user/*]",
                reason="Whether a user could read the key that its secret is to borrow is asked of users "
                "that are enrolled without a deployment. It only reads: it tells what a user may do.",
            )
        )

    def _let_use_storage(self, storage: Storage) -> None:
        """Of the ledger's items it may write the states of rotations alone, not what is known of keys."""
        ledger = storage.ledger_table.table_arn
        self.function.allow(["dynamodb:GetItem"], on=ledger)
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
        states = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{PREFIX}*"]}}
        self.function.allow(["dynamodb:PutItem"], on=ledger, when=states)
        let_use_key(self.function, storage, "kms:Decrypt", "secretsmanager", "dynamodb")
        let_use_key(self.function, storage, "kms:GenerateDataKey", "secretsmanager")
