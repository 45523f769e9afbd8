"""The secrets that carry users' keys, which nothing but their prefix tells from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Validations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.functions.python_function import PythonFunction
    from infra.storage.tables import Storage


def let_use_key(function: PythonFunction, storage: Storage, action: str, *services: str) -> None:
    """The key that encrypts them, through these services alone."""
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    # The names end in .cn in China.
    through = [f"{service}.{Aws.REGION}.amazonaws.com*" for service in services]
    function.allow([action], on=storage.key.key_arn, when={"StringLike": {"kms:ViaService": through}})


def let_use_secrets(
    function: PythonFunction,
    prefix: str,
    actions: list[str],
    when: Mapping[str, Mapping[str, object]] | None = None,
) -> None:
    arn = f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:{prefix}*"
    function.allow(actions, on=arn, when=when)
    Validations.of(function.execution_role).acknowledge(
        Acknowledgment(
            id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:"
            f"<AWS::AccountId>:secret:{prefix}*]",
            reason="Users are enrolled without a deployment, each with a secret of its own under this "
            "prefix, and Secrets Manager ends the ARN of each with six random characters.",
        )
    )
