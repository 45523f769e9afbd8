"""The `rotate_key` function, which Secrets Manager calls for each step of a rotation, and what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, Duration
from aws_cdk.aws_iam import ServicePrincipal
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.rotation.managed_secrets import let_use_key, let_use_secrets
from infra.rotation.permissions import let_replace_keys
from lambdas.handlers.bootstrap.rotate_settings import RotateSettings

if TYPE_CHECKING:
    from infra.resources import Surroundings
    from infra.rotation.rotation_roles import RotationRoles

TIMEOUT = Duration.seconds(120)  # a new key has a minute to be accepted; below making.MAX_RUN_TIME


class Rotation(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, surroundings: Surroundings, roles: RotationRoles
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "RotateKey",
            surroundings=surroundings,
            description="Takes each step by which a user's access key is replaced in its managed secret",
            handler_module="rotate_key",
            timeout=TIMEOUT,
            settings=surroundings.settings(RotateSettings, **roles.names),
            role=roles.rotate_key,
        )
        let_replace_keys(self.function, ["iam:CreateAccessKey", "iam:DeleteAccessKey"])
        let_use_secrets(self.function, ["secretsmanager:PutSecretValue"])
        let_use_key(self.function, "kms:GenerateDataKey", "secretsmanager")
        # Without aws:SourceArn, which would tie the function to one secret.
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
        self.function.add_permission(
            "SecretsManager",
            principal=ServicePrincipal("secretsmanager.amazonaws.com"),
            source_account=Aws.ACCOUNT_ID,
        )

    def let_start(self, starter: PythonFunction) -> None:
        """Whoever starts a rotation never reads the secret: the ledger knows which key it names."""
        let_use_secrets(starter, ["secretsmanager:DescribeSecret", "secretsmanager:RotateSecret"])
        # RotateSecret asks it of its caller.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
        starter.allow(["lambda:InvokeFunction"], on=self.function.function_arn)
