"""What `rotate_key` and `retire_keys` share, as both change users' keys: their settings, and their rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations

from infra.functions.python_function import PythonFunction
from infra.resources import USERS
from infra.rotation.managed_secrets import let_use_key, let_use_secrets
from lambdas.ledger.domain.enrolment_tags import SECRET_TAG

if TYPE_CHECKING:
    from aws_cdk import Duration
    from aws_cdk.aws_iam import Role
    from constructs import Construct

    from infra.resources import Surroundings
    from infra.storage.tables import Storage
    from lambdas.handlers.bootstrap.rotate_settings import RotationSettings


class RotationFunction(PythonFunction):
    """`key_actions` are what it may do to the keys of enrolled users."""

    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        handler_module: str,
        timeout: Duration,
        settings: RotationSettings,
        role: Role,
        key_actions: list[str],
        surroundings: Surroundings,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=description,
            code=surroundings.code,
            handler_module=handler_module,
            memory_mib=256,
            timeout=timeout,
            environment=settings.to_env(),
            log_retention_seconds=surroundings.config.log_retention_seconds,
            role=role,
        )
        self._let_look()
        self._let_change_keys(key_actions, settings.secret_prefix)
        self._let_use_storage(surroundings.storage)
        let_use_secrets(
            self,
            settings.secret_prefix,
            [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
        )
        surroundings.switches.let_read(self, surroundings.switches.kill_switch)
        # What came of a rotation or a retirement is told as any other signal is.
        surroundings.intake.signal_queue.grant(self, "sqs:SendMessage")

    def _let_look(self) -> None:
        self.allow(
            [
                "cloudtrail:LookupEvents",
                "iam:GetAccessKeyLastUsed",
                "iam:GetUser",
                "iam:ListAccessKeys",
                "iam:ListAttachedUserPolicies",
            ],
            on="*",
        )
        Validations.of(self.execution_role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="LookupEvents has no resource that could be named. The others are asked of keys and "
                "users that may be gone by then, for which IAM has no ARN to match: a narrow grant would "
                "answer AccessDenied, as if the permission were missing. All of them only read.",
            )
        )

    def _let_change_keys(self, actions: list[str], prefix: str) -> None:
        """Of users whose tag names a managed secret. It may write neither a tag nor a policy, by which it
        could enrol anybody.
        """
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
        enrolled = {"StringLike": {f"aws:ResourceTag/{SECRET_TAG}": f"{prefix}*"}}
        self.allow(actions, on=USERS, when=enrolled)
        Validations.of(self.execution_role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:user/*]",
                reason="Users are enrolled by their tag, without a deployment and whatever their path; the "
                "condition of the statement lets in no others.",
            )
        )

    def _let_use_storage(self, storage: Storage) -> None:
        # The states of the rotations are in the ledger, beside the keys.
        self.allow(["dynamodb:GetItem", "dynamodb:PutItem"], on=storage.ledger_table.table_arn)
        # Managed secrets are encrypted with the key of the tables.
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        let_use_key(self, storage, "kms:Decrypt", "secretsmanager", "dynamodb")
