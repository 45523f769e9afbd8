"""Enrols a user for rotation with its existing key, which is put into the managed secret."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from local.demo.application import Application, new_application
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from local.deployment import Deployment
    from local.emulator.process import LocalAws


@dataclass(frozen=True)
class EnrolledUser:
    """`application` uses the first key in the secret."""

    deployment: Deployment
    application: Application
    secret: str

    @property
    def user_name(self) -> str:
        return self.application.user_name

    @property
    def user_id(self) -> str:
        return str(self.iam.get_user(UserName=self.user_name)["User"]["UserId"])

    @property
    def iam(self) -> Any:  # noqa: ANN401 -- boto3 clients of a session are untyped
        return self.deployment.aws.session().client("iam")

    @property
    def secrets(self) -> Any:  # noqa: ANN401 -- as above
        return self.deployment.aws.session().client("secretsmanager")

    def labels(self) -> dict[str, str]:
        """Version ids by label."""
        versions = self.secrets.describe_secret(SecretId=self.secret)["VersionIdsToStages"]
        return {label: version for version, labels in versions.items() for label in labels}

    def value(self, label: str = "AWSCURRENT") -> dict[str, Any]:
        answer = self.secrets.get_secret_value(SecretId=self.secret, VersionStage=label)
        value: dict[str, Any] = json.loads(answer["SecretString"])
        return value

    def current(self) -> Application:
        """The application with the current key of the secret."""
        value = self.value()
        return Application(
            self.deployment.aws, self.user_name, value["AccessKeyId"], value["SecretAccessKey"]
        )

    def keys(self) -> dict[str, str]:
        """The status of each key of the user."""
        listed = self.iam.list_access_keys(UserName=self.user_name)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in listed}

    def rotate(self) -> None:
        self.secrets.rotate_secret(SecretId=self.secret)

    def await_rotation(self, seconds: float = TIMEOUT_SECONDS) -> bool:
        """True if the secret has a new key in time and the rotation is complete."""
        deadline = time.monotonic() + seconds
        while not (is_over := self._is_rotated()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return is_over

    def await_no_pending_version(self) -> None:
        """Waits until no version is pending."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self.labels().get("AWSPENDING") not in {None, self.labels()["AWSCURRENT"]}:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.secret} still has a pending version")
            time.sleep(0.1)

    def _is_rotated(self) -> bool:
        changed = self.value().get("AccessKeyId") not in {None, self.application.access_key_id}
        is_recorded = self.deployment.ledger.entry(f"rotation:{self.secret}").get("finishedAt")
        return changed and bool(is_recorded)


def enrol_new_user(
    deployment: Deployment, mode: str = "auto", name: str = "app", **others: object
) -> EnrolledUser:
    """Enrols as docs/rotation.md describes, with the key in use. `others` are more fields in the secret."""
    return enrol(deployment, new_application(deployment.aws, name), mode, **others)


def enrol(deployment: Deployment, application: Application, mode: str, **others: object) -> EnrolledUser:
    key = {
        "AccessKeyId": application.access_key_id,
        "SecretAccessKey": application.secret_access_key,
        "UserName": application.user_name,
    }
    it = EnrolledUser(deployment, application, f"access-keys/{application.user_name}")
    it.secrets.create_secret(
        Name=it.secret,
        KmsKeyId=deployment.outputs["ManagedSecretKeyArn"],
        SecretString=json.dumps(key | others),
        Tags=[{"Key": USER_ID_TAG, "Value": it.user_id}],
    )
    configure(it)
    claim(deployment.aws, it.user_name, it.secret, mode)
    await_enrolment(it)
    application.call("sts", "get_caller_identity")
    return it


def await_enrolment(it: EnrolledUser) -> None:
    """Waits until the stack has processed the user's tags completely."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not _is_enrolled(it):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{it.user_name} is not enrolled")
        time.sleep(0.1)
    it.await_no_pending_version()


def _is_enrolled(it: EnrolledUser) -> bool:
    """The schedule is configured last, if there is one."""
    is_recorded = it.deployment.ledger.entry(f"rotation:{it.secret}").get("userId") == it.user_id
    return is_recorded and (not _is_auto(it) or _has_schedule(it))


def _is_auto(it: EnrolledUser) -> bool:
    tags = it.iam.list_user_tags(UserName=it.user_name)["Tags"]
    parameters: Any = it.deployment.aws.session().client("ssm")
    mode = parameters.get_parameter(Name=it.deployment.outputs["ModeParameter"])["Parameter"]["Value"]
    return {"Key": MODE_TAG, "Value": "auto"} in tags and mode == "auto"


def _has_schedule(it: EnrolledUser) -> bool:
    return "RotationRules" in it.secrets.describe_secret(SecretId=it.secret)


def configure(it: EnrolledUser) -> None:
    """Configures the stack's function to rotate the secret."""
    it.secrets.rotate_secret(
        SecretId=it.secret,
        RotationLambdaARN=it.deployment.outputs["RotationFunctionArn"],
        RotateImmediately=False,
    )
    it.await_no_pending_version()


def claim(aws: LocalAws, user_name: str, secret: str, mode: str) -> None:
    iam: Any = aws.session().client("iam")
    tags = [{"Key": SECRET_TAG, "Value": secret}, {"Key": MODE_TAG, "Value": mode}]
    iam.tag_user(UserName=user_name, Tags=tags)
