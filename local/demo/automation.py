"""An automation that deactivates keys and that the configuration lists."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from local.demo.application import Application
    from local.emulator.process import LocalAws

ROLE: Final = "KeyContainment"
AUTOMATIONS: Final = [f"assumed-role/{ROLE}/"]


def deactivate(application: Application) -> None:
    iam: Any = role_session(application.aws, ROLE, "iam:UpdateAccessKey").client("iam")
    iam.update_access_key(
        UserName=application.user_name, AccessKeyId=application.access_key_id, Status="Inactive"
    )


def role_session(aws: LocalAws, role: str, *actions: str) -> Any:  # noqa: ANN401 -- its clients are untyped
    return aws.session(role_credentials(aws, role, *actions))


def role_credentials(aws: LocalAws, role: str, *actions: str) -> tuple[str, ...]:
    """Credentials of a session of a role that may do this. Creates the role unless it exists."""
    iam: Any = aws.session().client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": aws.account}, "Action": "sts:AssumeRole"}
    with suppress(ClientError):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=_policy(trust))
    grant = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam.put_role_policy(RoleName=role, PolicyName="may", PolicyDocument=_policy(grant))
    return assume_role_credentials(aws, f"arn:aws:iam::{aws.account}:role/{role}")


def assume_role_credentials(aws: LocalAws, role_arn: str) -> tuple[str, ...]:
    sts: Any = aws.session().client("sts")
    key = sts.assume_role(RoleArn=role_arn, RoleSessionName="demo")["Credentials"]
    return key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"]


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
