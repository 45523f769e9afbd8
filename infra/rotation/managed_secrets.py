"""Permissions on managed secrets, which are recognised by the prefix of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.functions.python_function import PythonFunction


def allow_key_through(function: PythonFunction, action: str, *services: str) -> None:
    """Allows use of the stack's key, but only in requests made through these services."""
    function.allow([action], on=function.resources.storage.key.key_arn, when=_through(*services))


def allow_adopted_keys(function: PythonFunction, *actions: str) -> None:
    """Allows use of the other keys that may encrypt an adopted secret, through Secrets Manager alone."""
    keys = function.resources.config.rotation.adopted_key_arns
    if keys:
        function.allow([*actions], on=list(keys), when=_through("secretsmanager"))


def allow_on_secrets(
    function: PythonFunction,
    actions: list[str],
    when: Mapping[str, Mapping[str, object]] | None = None,
) -> None:
    prefix = function.resources.config.rotation.secret_prefix
    function.allow(
        actions,
        on=f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:{prefix}*",
        when=when,
        wildcard_reason="Users are enrolled without a deployment, each with its own secret under this "
        "prefix, and Secrets Manager appends six random characters to each ARN.",
    )


def _through(*services: str) -> dict[str, dict[str, object]]:
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    # The wildcard covers China, where service names end in .cn.
    names = [f"{service}.{Aws.REGION}.amazonaws.com*" for service in services]
    return {"StringLike": {"kms:ViaService": names}}
