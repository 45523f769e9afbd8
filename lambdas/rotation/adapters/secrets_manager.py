"""Managed secrets in Secrets Manager. A secret's text never leaves this module but as a ManagedSecret, whose
key it does not show, and no error here carries a word of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import aws_errors, error_code
from lambdas.errors import BusyError
from lambdas.rotation.domain.managed_secret import ManagedSecret
from lambdas.rotation.ports import (
    CURRENT,
    LOAN,
    PENDING,
    OtherValueError,
    SecretGoneError,
    SecretVersions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_secretsmanager import SecretsManagerClient

_NOT_THERE = _NO_VALUE = "ResourceNotFoundException"
_OTHER_VALUE = "ResourceExistsException"
_MOVED_MEANWHILE = "InvalidParameterException"


class SecretsManager:
    def __init__(self, client: Callable[[], SecretsManagerClient]) -> None:
        self._client = client

    def versions_of(self, secret: str) -> SecretVersions:
        with aws_errors("secretsmanager:DescribeSecret"):
            try:
                described = self._client().describe_secret(SecretId=secret)
            except ClientError as error:
                if error_code(error) != _NOT_THERE:
                    raise
                raise SecretGoneError("secretsmanager:DescribeSecret: there is no such secret") from None
        return SecretVersions(
            name=described["Name"],
            tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
            labels={
                version: frozenset(labels)
                for version, labels in described.get("VersionIdsToStages", {}).items()
            },
            is_being_deleted="DeletedDate" in described,
        )

    def value(self, secret: str, version: str) -> ManagedSecret | None:
        """The secret itself must be known to exist: of a version without a value Secrets Manager says the
        same as of a secret that is not there (API reference, GetSecretValue, ResourceNotFoundException).
        """
        with aws_errors("secretsmanager:GetSecretValue"):
            try:
                answer = self._client().get_secret_value(SecretId=secret, VersionId=version)
            except ClientError as error:
                if error_code(error) != _NO_VALUE:
                    raise
                return None
        return ManagedSecret.parse(answer.get("SecretString", ""))

    def put_pending(self, secret: str, token: str, value: ManagedSecret) -> None:
        self._put(secret, token, value, PENDING)

    def put_loan(self, secret: str, version: str, value: ManagedSecret) -> None:
        self._put(secret, version, value, LOAN)

    def policy_of(self, secret: str) -> str:
        with aws_errors("secretsmanager:GetResourcePolicy"):
            return self._client().get_resource_policy(SecretId=secret).get("ResourcePolicy", "")

    def _put(self, secret: str, token: str, value: ManagedSecret, label: str) -> None:
        with aws_errors("secretsmanager:PutSecretValue"):
            try:
                self._client().put_secret_value(
                    SecretId=secret,
                    ClientRequestToken=token,
                    SecretString=value.to_text(),
                    VersionStages=[label],
                )
            except ClientError as error:
                if error_code(error) != _OTHER_VALUE:
                    raise
                raise OtherValueError("the version has another value") from None

    def promote(self, secret: str, token: str, current: str) -> None:
        """Secrets Manager refuses with an InvalidParameterException where the label is not on the version
        that it is to be taken from (API reference, UpdateSecretVersionStage, RemoveFromVersionId).
        """
        source = {"RemoveFromVersionId": current} if current else {}
        with aws_errors("secretsmanager:UpdateSecretVersionStage"):
            try:
                self._client().update_secret_version_stage(
                    SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token, **source
                )
            except ClientError as error:
                if error_code(error) != _MOVED_MEANWHILE:
                    raise
                raise BusyError("AWSCURRENT has moved meanwhile") from None

    def drop_pending(self, secret: str, version: str) -> None:
        self._drop(secret, version, PENDING)

    def drop_loan(self, secret: str, version: str) -> None:
        self._drop(secret, version, LOAN)

    def _drop(self, secret: str, version: str, label: str) -> None:
        with aws_errors("secretsmanager:UpdateSecretVersionStage"):
            self._client().update_secret_version_stage(
                SecretId=secret, VersionStage=label, RemoveFromVersionId=version
            )
