"""The `rotate_key` function, invoked by Secrets Manager for each step of a rotation, and its permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, Duration
from aws_cdk.aws_iam import ServicePrincipal
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.rotation.managed_secrets import allow_adopted_keys, allow_key_through, allow_on_secrets
from infra.rotation.permissions import allow_key_replacement, allow_simulating_users
from lambdas.handlers.bootstrap.function_settings import RotateSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.resources import StackResources
    from infra.rotation.rotation_roles import RotationRoles

TIMEOUT = Duration.seconds(
    120
)  # AWS may take a minute to accept a new key; below MAX_RUN_TIME of deletion_evidence.py


class Rotation(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, resources: StackResources, roles: RotationRoles
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "RotateKey",
            resources=resources,
            description="Performs each step of replacing a user's access key in its managed secret",
            handler_module="rotate_key",
            timeout=TIMEOUT,
            settings=resources.settings(RotateSettings, **roles.names),
            role=roles.rotate_key,
        )
        allow_key_replacement(self.function, ["iam:CreateAccessKey", "iam:DeleteAccessKey"])
        allow_simulating_users(self.function)
        allow_on_secrets(self.function, ["secretsmanager:PutSecretValue"])
        allow_key_through(self.function, "kms:GenerateDataKey", "secretsmanager")
        allow_adopted_keys(self.function, "kms:GenerateDataKey")
        # No aws:SourceArn, which would limit the function to a single secret.
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
        self.function.add_permission(
            "SecretsManager",
            principal=ServicePrincipal("secretsmanager.amazonaws.com"),
            source_account=Aws.ACCOUNT_ID,
        )

    def allow_start_by(self, starter: PythonFunction) -> None:
        """Only by this function, with the schedule that the secret has. The caller needs no permission to
        read the secret: the ledger says which key it contains.
        """
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        unchanged: Mapping[str, Mapping[str, object]] = {
            "StringEquals": {"secretsmanager:resource/AllowRotationLambdaArn": self.function.function_arn},
            "Null": {"secretsmanager:RotationLambdaARN": "true"},
            "BoolIfExists": {"secretsmanager:ModifyRotationRules": "false"},
        }
        self._allow_rotating(starter, unchanged)

    def allow_setting_by(self, setter: PythonFunction) -> None:
        """Sets this function, and no other, as that of a secret, and the secret's schedule."""
        this_function = {"secretsmanager:RotationLambdaARN": self.function.function_arn}
        self._allow_rotating(setter, {"StringEquals": this_function})

    def _allow_rotating(self, caller: PythonFunction, when: Mapping[str, Mapping[str, object]]) -> None:
        allow_on_secrets(caller, ["secretsmanager:DescribeSecret"])
        allow_on_secrets(caller, ["secretsmanager:RotateSecret"], when)
        # RotateSecret requires it of its caller.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
        caller.allow(["lambda:InvokeFunction"], on=self.function.function_arn)
