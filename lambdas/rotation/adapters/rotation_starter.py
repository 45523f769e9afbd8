"""Starts the rotation of a managed secret, once for each token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import aws_errors, error_code
from lambdas.errors import TransientError
from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.ports import PENDING, BlockedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_secretsmanager import SecretsManagerClient

_IN_PROGRESS = "previous rotation"


class SecretsManagerRotationStarter:
    def __init__(self, client: Callable[[], SecretsManagerClient]) -> None:
        self._client = client

    def start(self, secret_name: str, token: str) -> None:
        """Secrets Manager answers with an InvalidRequestException while the label AWSPENDING is on a version
        that is not AWSCURRENT, whichever rotation left it there (API reference, RotateSecret).
        """
        if self._is_accepted(secret_name, token):
            return
        pending = SecretsManager(self._client).versions_of(secret_name).labelled(PENDING)
        if not pending:
            raise TransientError("another rotation of the secret has only just ended")
        if pending != token:
            raise BlockedError(pending)

    def _is_accepted(self, secret_name: str, token: str) -> bool:
        with aws_errors(
            "secretsmanager:RotateSecret",
            permanent=frozenset({"InvalidRequestException", "ResourceNotFoundException"}),
        ):
            try:
                self._client().rotate_secret(SecretId=secret_name, ClientRequestToken=token)
            except ClientError as error:
                text = error.response.get("Error", {}).get("Message", "").lower()
                if error_code(error) != "InvalidRequestException" or _IN_PROGRESS not in text:
                    raise
                return False
        return True
