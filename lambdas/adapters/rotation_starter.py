"""Starts the rotation of a managed secret, once for each token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.adapters.client_errors import code_of, translated_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_secretsmanager import SecretsManagerClient

_IN_PROGRESS = "previous rotation"


class BotoRotationStarter:
    def __init__(self, client: Callable[[], SecretsManagerClient]) -> None:
        self._client = client

    def start(self, secret_name: str, token: str) -> None:
        """Of a rotation under way Secrets Manager says so in an InvalidRequestException (aws-facts 5)."""
        with translated_errors(
            "secretsmanager:RotateSecret",
            permanent=frozenset({"InvalidRequestException", "ResourceNotFoundException"}),
        ):
            try:
                self._client().rotate_secret(SecretId=secret_name, ClientRequestToken=token)
            except ClientError as error:
                text = error.response.get("Error", {}).get("Message", "").lower()
                if code_of(error) != "InvalidRequestException" or _IN_PROGRESS not in text:
                    raise
