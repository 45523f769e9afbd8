"""The secrets that carry users' keys, which nothing but their prefix tells from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Validations

if TYPE_CHECKING:
    from infra.functions import PythonFunction


def let_use_secrets(function: PythonFunction, prefix: str, actions: list[str]) -> None:
    arn = f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:{prefix}*"
    function.allow(actions, on=arn)
    Validations.of(function.execution_role).acknowledge(
        Acknowledgment(
            id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:"
            f"<AWS::AccountId>:secret:{prefix}*]",
            reason="Users are enrolled without a deployment, each with a secret of its own under this "
            "prefix, and Secrets Manager ends the ARN of each with six random characters.",
        )
    )
