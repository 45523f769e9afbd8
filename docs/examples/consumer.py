"""An application that reads its access key from a managed secret, and needs no restart after a rotation.

It reads the secret with another identity than the key's own user: the role of its instance, task or pod,
or a role of IAM Roles Anywhere, with secretsmanager:GetSecretValue on the secret and kms:Decrypt on its key.

    python consumer.py access-keys/orders
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.credentials import CredentialProvider, RefreshableCredentials
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEY_LIFETIME = timedelta(hours=1)


class ManagedSecret(CredentialProvider):
    """Reads the secret at intervals. While that fails, the application keeps its last key, for an hour."""

    METHOD = "managed-secret"

    def __init__(self, reader: SecretsManagerClient, secret_id: str, every: timedelta) -> None:
        super().__init__()
        self._reader = reader
        self._secret_id = secret_id
        self._every = every

    def load(self) -> RefreshableCredentials:
        return RefreshableCredentials.create_from_metadata(
            self._read(),
            self._read,
            self.METHOD,
            advisory_timeout=int((KEY_LIFETIME - self._every).total_seconds()),
            mandatory_timeout=0,
        )

    def _read(self) -> dict[str, Any]:
        secret = json.loads(self._reader.get_secret_value(SecretId=self._secret_id)["SecretString"])
        return {
            "access_key": secret["AccessKeyId"],
            "secret_key": secret["SecretAccessKey"],
            "token": None,
            "expiry_time": (datetime.now(UTC) + KEY_LIFETIME).isoformat(),
        }


def session_with_the_key_in(secret_id: str, every: timedelta = timedelta(minutes=1)) -> boto3.Session:
    """All clients of the session use the key that the secret contains."""
    reader = boto3.Session().client("secretsmanager")
    core = botocore.session.Session()
    providers = core.get_component("credential_provider")
    providers.insert_before("env", ManagedSecret(reader, secret_id, every))
    return boto3.Session(botocore_session=core)


def main(secret_id: str, seconds: str = "60") -> None:
    """Makes one call a second and prints its result."""
    client = session_with_the_key_in(secret_id, timedelta(seconds=float(seconds))).client("sts")
    while True:
        try:
            print("works as", client.get_caller_identity()["Arn"], flush=True)
        except ClientError as error:
            print("refused:", error.response["Error"]["Code"], flush=True)
        time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
