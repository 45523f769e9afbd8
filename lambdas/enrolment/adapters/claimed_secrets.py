"""Managed secrets as enrolment sees them: it describes, creates and schedules them, and reads none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import aws_errors, error_code
from lambdas.enrolment.domain.claims import ClaimedSecret, RotationSchedule, first_version
from lambdas.enrolment.domain.own_user_policy import Access, own_policy
from lambdas.errors import BusyError
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.domain.managed_secret import ManagedSecret
from lambdas.rotation.ports import CURRENT, PENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import DescribeSecretResponseTypeDef

    from lambdas.aws.domain.iam import IamUser
    from lambdas.enrolment.domain.claims import EnrolmentSettings

_MISSING = "ResourceNotFoundException"
_EXISTS = "ResourceExistsException"
_INVALID = "InvalidRequestException"
_IN_PROGRESS = "previous rotation"


class BotoClaimedSecrets:
    """`key_arn` is of the key that encrypts a new secret; `users_arn` begins the ARNs of users, up to their
    path.
    """

    def __init__(
        self,
        client: Callable[[], SecretsManagerClient],
        *,
        key_arn: str,
        users_arn: str,
        terms: EnrolmentSettings,
    ) -> None:
        self._client = client
        self._users_arn = users_arn
        self._key_arn = key_arn
        self._terms = terms

    def find(self, secret_name: str) -> ClaimedSecret | None:
        with aws_errors("secretsmanager:DescribeSecret"):
            try:
                return _claimed(self._client().describe_secret(SecretId=secret_name))
            except ClientError as error:
                if error_code(error) != _MISSING:
                    raise
                return None

    def create(self, secret_name: str, user_name: str, user_id: str) -> None:
        """The same request twice makes one secret (API reference, CreateSecret, ClientRequestToken)."""
        with aws_errors("secretsmanager:CreateSecret"):
            try:
                self._client().create_secret(
                    Name=secret_name,
                    ClientRequestToken=first_version(user_id, secret_name),
                    Description="An access key, kept by Access Key Remediator",
                    KmsKeyId=self._key_arn,
                    SecretString=ManagedSecret(user_name=user_name).to_text(),
                    Tags=[{"Key": USER_ID_TAG, "Value": user_id}],
                )
            except ClientError as error:
                if error_code(error) != _EXISTS:
                    raise
                raise BusyError("somebody else has made the secret") from None

    def set_rotation(self, secret_name: str, rotating: RotationSchedule) -> None:
        """CancelRotateSecret leaves function and schedule in the secret's description, where RotateSecret
        finds them again (API reference, DescribeSecret, RotationRules).
        """
        if rotating is RotationSchedule.DISABLED:
            with aws_errors("secretsmanager:CancelRotateSecret"):
                self._client().cancel_rotate_secret(SecretId=secret_name)
            return
        with aws_errors("secretsmanager:RotateSecret"):
            try:
                self._client().rotate_secret(
                    SecretId=secret_name,
                    RotationLambdaARN=self._terms.function,
                    RotateImmediately=rotating is RotationSchedule.IMMEDIATE,
                    **self._rules(rotating),
                )
            except ClientError as error:
                if not _is_rotating(error):
                    raise
                raise BusyError("a rotation of the secret is under way") from None

    def policy_of(self, secret_name: str) -> str:
        with aws_errors("secretsmanager:GetResourcePolicy"):
            return self._client().get_resource_policy(SecretId=secret_name).get("ResourcePolicy", "")

    def set_access(self, secret_name: str, access: Access, user: IamUser) -> None:
        if access is Access.REVOKE:
            with aws_errors("secretsmanager:DeleteResourcePolicy"):
                self._client().delete_resource_policy(SecretId=secret_name)
            return
        user_arn = f"{self._users_arn}{user.path}{user.name}"
        with aws_errors("secretsmanager:PutResourcePolicy"):
            self._client().put_resource_policy(
                SecretId=secret_name,
                ResourcePolicy=own_policy(user_arn, user.user_id),
                BlockPublicPolicy=True,
            )

    def _rules(self, rotating: RotationSchedule) -> Mapping[str, Any]:
        if rotating is RotationSchedule.MANUAL:
            return {}
        return {"RotationRules": {"AutomaticallyAfterDays": self._terms.schedule_days}}


def _claimed(described: DescribeSecretResponseTypeDef) -> ClaimedSecret:
    labels = described.get("VersionIdsToStages", {})
    versions = {label: version for version, own in labels.items() for label in own}
    rules = described.get("RotationRules", {})
    return ClaimedSecret(
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
        current=versions.get(CURRENT, ""),
        is_rotating=PENDING in versions and versions[PENDING] != versions.get(CURRENT),
        is_being_deleted="DeletedDate" in described,
        is_on=described.get("RotationEnabled", False),
        function=described.get("RotationLambdaARN", ""),
        days=rules.get("AutomaticallyAfterDays"),
        has_expression="ScheduleExpression" in rules,
    )


def _is_rotating(error: ClientError) -> bool:
    """Secrets Manager says so in an InvalidRequestException (aws-facts 5)."""
    message = error.response.get("Error", {}).get("Message", "")
    return error_code(error) == _INVALID and _IN_PROGRESS in message.lower()
