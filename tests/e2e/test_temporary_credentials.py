"""A temporary credential whose user or role has been deleted: the alert says whose it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.diagnosis.domain.cause import Cause
from local.demo.application import Application
from local.demo.scenario_runner import run_scenario
from local.demo.scenarios import SCENARIOS, working

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.deployment import Deployment
    from local.emulator.process import LocalAws

TEMPORARY = next(scenario for scenario in SCENARIOS if scenario.cause is Cause.TEMPORARY_CREDENTIAL)


def of_a_deleted_user(aws: LocalAws) -> Application:
    user = working(aws)
    sts = aws.session((user.access_key_id, user.secret_access_key)).client("sts")
    session = holding(aws, f"user/{user.user_name}", sts.get_session_token()["Credentials"])
    user.delete_key()
    user.delete_user()
    return session


def of_a_deleted_role(aws: LocalAws) -> Application:
    name, iam = f"{working(aws).user_name}-role", aws.session().client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": aws.account}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    issued = aws.session().client("sts").assume_role(RoleArn=arn, RoleSessionName="app")
    session = holding(aws, f"role/{name}", issued["Credentials"])
    iam.delete_role(RoleName=name)
    return session


def holding(aws: LocalAws, holder: str, issued: Mapping[str, Any]) -> Application:
    session = Application(
        aws, holder, issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"]
    )
    assert session.call("sts", "get_caller_identity") == ""
    return session


@pytest.mark.parametrize("breaks", [of_a_deleted_user, of_a_deleted_role])
def test_a_temporary_credential_of_someone_deleted_names_them_and_says_so(
    deployment: Deployment, breaks: Callable[[LocalAws], Application]
) -> None:
    session = breaks(deployment.aws)
    outcome = run_scenario(deployment, replace(TEMPORARY, breaks=lambda _: session))
    assert outcome.problems == ()
    assert outcome.alert is not None
    assert f"for {session.user_name}, which has been deleted" in outcome.alert.body
