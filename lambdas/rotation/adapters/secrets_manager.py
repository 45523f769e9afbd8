"""Managed secrets in Secrets Manager.

Secret values leave this module only as ManagedSecret, whose repr hides the key; no error message contains
any part of a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import aws_errors, denying_policy, error_code, unless_refused
from lambdas.aws.adapters.clients import Clients
from lambdas.errors import BusyError, TransientError
from lambdas.rotation.domain.managed_secret import ManagedSecret
from lambdas.rotation.domain.secret_description import CURRENT, EDITED, LOAN, PENDING, SecretDescription
from lambdas.rotation.ports import BlockedError, OtherValueError, RejectedError, SecretGoneError
from lambdas.text import sanitize

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import DescribeSecretResponseTypeDef

_NOT_FOUND = "ResourceNotFoundException"  # also for a version without a value
_EXISTS = "ResourceExistsException"  # a secret of the name, or another value of the version
_LABEL_MOVED = "InvalidParameterException"
_INVALID_REQUEST = "InvalidRequestException"
# Secrets Manager API reference, errors of CreateSecret, RotateSecret and PutResourcePolicy.
_REJECTED = frozenset(
    {
        _INVALID_REQUEST,
        "InvalidParameterException",
        "LimitExceededException",
        "EncryptionFailure",
        "DecryptionFailure",
        "MalformedPolicyDocumentException",
        "PublicPolicyException",
        "PreconditionNotMetException",
    }
)
_MAX_SENTENCE = 200


class SecretsManager:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def find_secret(self, secret: str) -> SecretDescription | None:
        try:
            with _rejections("secretsmanager:DescribeSecret"):
                return self.describe_secret(secret)
        except SecretGoneError:
            return None

    def describe_secret(self, secret: str) -> SecretDescription:
        gone = SecretGoneError("secretsmanager:DescribeSecret: there is no such secret")
        with aws_errors("secretsmanager:DescribeSecret", known={_NOT_FOUND: gone}):
            return _description(self._clients.secrets.describe_secret(SecretId=secret))

    def value(self, secret: str, version: str) -> ManagedSecret | None:
        """The secret must be known to exist: Secrets Manager gives the same answer for a version without a
        value as for a missing secret (API reference, GetSecretValue, ResourceNotFoundException).
        """
        answer = unless_refused(
            "secretsmanager:GetSecretValue",
            {_NOT_FOUND},
            lambda: self._clients.secrets.get_secret_value(SecretId=secret, VersionId=version),
        )
        return ManagedSecret.parse(answer.get("SecretString", "")) if answer else None

    def put_pending(self, secret: str, token: str, value: ManagedSecret) -> None:
        self._put(secret, token, value, PENDING)

    def put_loan(self, secret: str, version: str, value: ManagedSecret) -> None:
        self._put(secret, version, value, LOAN)

    def put_edited(self, secret: str, version: str, value: ManagedSecret) -> None:
        self._put(secret, version, value, EDITED)

    def _put(self, secret: str, token: str, value: ManagedSecret, label: str) -> None:
        other_value = OtherValueError("the version has another value")
        with aws_errors("secretsmanager:PutSecretValue", known={_EXISTS: other_value}):
            self._clients.secrets.put_secret_value(
                SecretId=secret,
                ClientRequestToken=token,
                SecretString=value.to_text(),
                VersionStages=[label],
            )

    def promote(self, secret: str, token: str, current: str) -> None:
        """Secrets Manager answers with an InvalidParameterException if the label is not on the version that
        it is to be removed from (API reference, UpdateSecretVersionStage, RemoveFromVersionId).
        """
        source = {"RemoveFromVersionId": current} if current else {}
        moved = BusyError("AWSCURRENT was moved in the meantime")
        with aws_errors("secretsmanager:UpdateSecretVersionStage", known={_LABEL_MOVED: moved}):
            self._clients.secrets.update_secret_version_stage(
                SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token, **source
            )

    def drop_pending(self, secret: str, version: str) -> None:
        self._drop(secret, version, PENDING)

    def drop_loan(self, secret: str, version: str) -> None:
        self._drop(secret, version, LOAN)

    def drop_edited(self, secret: str, version: str) -> None:
        self._drop(secret, version, EDITED)

    def _drop(self, secret: str, version: str, label: str) -> None:
        with aws_errors("secretsmanager:UpdateSecretVersionStage"):
            self._clients.secrets.update_secret_version_stage(
                SecretId=secret, VersionStage=label, RemoveFromVersionId=version
            )

    def start(self, secret_name: str, token: str) -> None:
        request = {"SecretId": secret_name, "ClientRequestToken": token}
        if self._is_rotation_accepted(request, permanent=frozenset({_INVALID_REQUEST, _NOT_FOUND})):
            return
        pending = self.describe_secret(secret_name).labelled(PENDING)
        if not pending:
            raise TransientError("another rotation of the secret has just ended")
        if pending != token:
            raise BlockedError(pending)

    def set_rotation(
        self, secret_name: str, function_arn: str, *, schedule_days: int | None, immediately: bool
    ) -> None:
        rules = {"RotationRules": {"AutomaticallyAfterDays": schedule_days}} if schedule_days else {}
        request = {"SecretId": secret_name, "RotationLambdaARN": function_arn, **rules}
        with _rejections("secretsmanager:RotateSecret"):
            is_accepted = self._is_rotation_accepted({**request, "RotateImmediately": immediately})
        if not is_accepted:
            raise BusyError("a rotation of the secret is under way")

    def _is_rotation_accepted(
        self, request: Mapping[str, Any], permanent: frozenset[str] = frozenset()
    ) -> bool:
        """False while the label AWSPENDING is on a version that is not AWSCURRENT, whichever rotation left it
        there: Secrets Manager answers with an InvalidRequestException that names a previous rotation (API
        reference, RotateSecret; aws-facts 5).
        """
        with aws_errors("secretsmanager:RotateSecret", permanent=permanent):
            try:
                self._clients.secrets.rotate_secret(**request)
            except ClientError as error:
                message = error.response.get("Error", {}).get("Message", "").lower()
                if error_code(error) != _INVALID_REQUEST or "previous rotation" not in message:
                    raise
                return False
        return True

    def cancel_rotation(self, secret_name: str) -> None:
        """Function and schedule stay in the secret's description, where RotateSecret finds them again (API
        reference, DescribeSecret, RotationRules).
        """
        operation = "secretsmanager:CancelRotateSecret"
        with _rejections(operation), aws_errors(operation):
            self._clients.secrets.cancel_rotate_secret(SecretId=secret_name)

    def create_secret(
        self, name: str, version: str, value: ManagedSecret, *, tags: Mapping[str, str], key_arn: str
    ) -> None:
        """The same request twice creates one secret (API reference, CreateSecret, ClientRequestToken)."""
        just_created = BusyError("somebody else has just created the secret")
        operation = "secretsmanager:CreateSecret"
        with _rejections(operation), aws_errors(operation, known={_EXISTS: just_created}):
            self._clients.secrets.create_secret(
                Name=name,
                ClientRequestToken=version,
                Description="An access key, kept by Access Key Remediator",
                KmsKeyId=key_arn,
                SecretString=value.to_text(),
                Tags=[{"Key": key, "Value": tag} for key, tag in tags.items()],
            )

    def policy_of(self, secret: str) -> str:
        operation = "secretsmanager:GetResourcePolicy"
        with _rejections(operation), aws_errors(operation):
            return self._clients.secrets.get_resource_policy(SecretId=secret).get("ResourcePolicy", "")

    def put_policy(self, secret_name: str, policy: str) -> None:
        operation = "secretsmanager:PutResourcePolicy"
        with _rejections(operation), aws_errors(operation):
            self._clients.secrets.put_resource_policy(
                SecretId=secret_name, ResourcePolicy=policy, BlockPublicPolicy=True
            )

    def delete_policy(self, secret_name: str) -> None:
        operation = "secretsmanager:DeleteResourcePolicy"
        with _rejections(operation), aws_errors(operation):
            self._clients.secrets.delete_resource_policy(SecretId=secret_name)


@contextmanager
def _rejections(operation: str) -> Iterator[None]:
    """Around aws_errors: raises RejectedError for an answer that a retry does not change. None of the
    requests that it is used for contains a key, so AWS's sentence contains none.
    """
    try:
        yield
    except TransientError as error:
        cause = error.__cause__
        if not isinstance(cause, ClientError):
            raise
        policy, code = denying_policy(cause), error_code(cause)
        if not policy and code not in _REJECTED:
            raise
        sentence = sanitize(cause.response.get("Error", {}).get("Message", ""), _MAX_SENTENCE)
        why = f"denied by {policy}" if policy else f"{code}, {sentence}"
        raise RejectedError(f"{operation}: {why}") from error


def _description(described: DescribeSecretResponseTypeDef) -> SecretDescription:
    versions = described.get("VersionIdsToStages", {})
    rules, copies = described.get("RotationRules", {}), described.get("ReplicationStatus", [])
    return SecretDescription(
        name=described["Name"],
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
        labels={version: frozenset(labels) for version, labels in versions.items()},
        key_ids=(described.get("KmsKeyId", ""), *(copy.get("KmsKeyId", "") for copy in copies)),
        primary_region=_primary_region(described),
        owning_service=described.get("OwningService", ""),
        is_being_deleted="DeletedDate" in described,
        is_rotation_on=described.get("RotationEnabled", False),
        function=described.get("RotationLambdaARN", ""),
        schedule_days=rules.get("AutomaticallyAfterDays"),
        has_expression="ScheduleExpression" in rules,
    )


def _primary_region(described: DescribeSecretResponseTypeDef) -> str:
    """Empty unless the secret is a replica. A secret that has replicas names its own region too (user guide,
    "Replicate AWS Secrets Manager secrets across Regions": a replica's ARN differs by its region alone).
    """
    own, primary = described["ARN"].split(":")[3], described.get("PrimaryRegion", "")
    return "" if primary == own else primary
