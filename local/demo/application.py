"""An application that uses an IAM user's access key, which the scenarios break."""

from __future__ import annotations

import hashlib
import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.aws.domain.access_key_id import looks_like_an_id

if TYPE_CHECKING:
    from local.emulator.process import LocalAws

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
_NUMBERS = itertools.count(1)
_NO_RETRIES = Config(retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Application:
    """Its user may call everything; calls fail only if AWS no longer accepts the key."""

    aws: LocalAws
    user_name: str
    access_key_id: str
    secret_access_key: str
    session_token: str = ""

    def call(self, service: str, operation: str) -> str:
        """Makes one signed call. Returns the error code, empty if the call succeeds."""
        session: Any = self.aws.session((self.access_key_id, self.secret_access_key, self.session_token))
        try:
            getattr(session.client(service, config=_NO_RETRIES), operation)()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def deactivate_key(self) -> None:
        self._iam.update_access_key(
            UserName=self.user_name, AccessKeyId=self.access_key_id, Status="Inactive"
        )

    def reactivate_key(self) -> None:
        self._iam.update_access_key(UserName=self.user_name, AccessKeyId=self.access_key_id, Status="Active")

    def delete_key(self) -> None:
        self._iam.delete_access_key(UserName=self.user_name, AccessKeyId=self.access_key_id)

    def delete_user(self) -> None:
        self._iam.detach_user_policy(UserName=self.user_name, PolicyArn=READ_ONLY)
        self._iam.delete_user(UserName=self.user_name)

    def with_another_key(self) -> Application:
        """The same application with a new key of its user."""
        key = self._iam.create_access_key(UserName=self.user_name)["AccessKey"]
        return Application(self.aws, self.user_name, key["AccessKeyId"], key["SecretAccessKey"])

    @property
    def incident_key(self) -> str:
        """The key of its incidents in the table, which alerts also show."""
        if looks_like_an_id(self.access_key_id):
            return self.access_key_id
        return "sha256:" + hashlib.sha256(self.access_key_id.encode()).hexdigest()

    @property
    def _iam(self) -> Any:  # noqa: ANN401 -- boto3 clients of a session are untyped
        return self.aws.session().client("iam")


def new_application(aws: LocalAws, name: str) -> Application:
    """Creates an application with a new user whose name has this prefix."""
    return create_application(aws, f"{name}-{next(_NUMBERS)}-{time.time_ns() % 10_000}")


def create_application(aws: LocalAws, user_name: str) -> Application:
    """Creates a user of this name with a key, and a policy that allows the calls of the scenarios."""
    iam = aws.session().client("iam")
    iam.create_user(UserName=user_name)
    iam.attach_user_policy(UserName=user_name, PolicyArn=READ_ONLY)
    key = iam.create_access_key(UserName=user_name)["AccessKey"]
    return Application(aws, user_name, key["AccessKeyId"], key["SecretAccessKey"])
