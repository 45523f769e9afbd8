"""A session of a deployed function's own role, as an attacker has who controls the function."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local.demo.automation import assume_role_credentials
from tests.e2e.denial import DeployedFunction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deployment import Deployment

FUNCTIONS = {
    "remediate": "RemediateFunctionName",
    "alert_timer": "AlertTimerFunctionName",
    "track_keys": "TrackKeysFunctionName",
    "sync_keys": "SyncKeysFunctionName",
    "enrol_users": "EnrolUsersFunctionName",
    "rotate_key": "RotationFunctionArn",
    "retire_keys": "RetireKeysFunctionName",
    "fail_over": "FailOverFunctionName",
}  # with the outputs that name them


def function_of(deployment: Deployment, name: str) -> DeployedFunction:
    return DeployedFunction(deployment, deployment.outputs[FUNCTIONS[name]].rpartition(":")[2])


@contextmanager
def session_of_role(deployment: Deployment, function: str) -> Iterator[Any]:
    """Meanwhile the role's trust policy lets the account's administrators in."""
    name = function_of(deployment, function).role
    iam: Any = deployment.aws.session().client("iam")
    found = iam.get_role(RoleName=name)["Role"]
    trust = found["AssumeRolePolicyDocument"]
    people = {"Effect": "Allow", "Principal": {"AWS": deployment.aws.account}, "Action": "sts:AssumeRole"}
    opened = trust | {"Statement": [*trust["Statement"], people]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(opened))
    yield deployment.aws.session(assume_role_credentials(deployment.aws, found["Arn"]))
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
