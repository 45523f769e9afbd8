"""An enrolment that a tool ends, and one that an organization's policy does not let begin, are alerted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG
from local.demo.enrolment import await_enrolment, claim
from local.patience import TIMEOUT_SECONDS
from tests.e2e.claimants import client_of_a_user, eventually, refusals, somebody
from tests.e2e.denial import DeployedFunction

if TYPE_CHECKING:
    from local.deployment import Deployment

TAG_USERS = {"Effect": "Allow", "Action": ["iam:TagUser", "iam:UntagUser"], "Resource": "*"}
POLICY = "demands-a-cost-centre"
WITHOUT_COST_CENTRE = {
    "Effect": "Deny",
    "Action": "secretsmanager:CreateSecret",
    "Resource": "*",
    "Condition": {"Null": {"aws:RequestTag/CostCentre": "true"}},
}


def body_of(deployment: Deployment, subject: str) -> str:
    alert = deployment.alerts.wait_for(lambda one: one.subject.startswith(subject), TIMEOUT_SECONDS)
    assert alert
    return alert.body


@pytest.mark.parametrize("how", ["removed", "in other letters"])
def test_an_enrolment_that_a_tool_ends_is_reported_with_its_name(
    rotating_deployment: Deployment, how: str
) -> None:
    tool, iam = client_of_a_user(rotating_deployment, "iam", TAG_USERS)
    it = somebody(rotating_deployment)
    claim(rotating_deployment.aws, it.user_name, it.secret, "approve")
    await_enrolment(it)
    if how == "removed":
        iam.untag_user(UserName=it.user_name, TagKeys=[SECRET_TAG, MODE_TAG])
        subject = f"[low] enrolment-ended: {it.user_name}"
    else:
        iam.tag_user(UserName=it.user_name, Tags=[{"Key": MODE_TAG.title(), "Value": "approve"}])
        subject = f"[medium] claim-refused: {it.user_name}"
    assert f"user/{tool} changed the tags." in body_of(rotating_deployment, subject)


def test_a_secret_that_a_policy_forbids_to_create_is_a_refused_claim(rotating_deployment: Deployment) -> None:
    name = rotating_deployment.outputs["EnrolUsersFunctionName"]
    role = DeployedFunction(rotating_deployment, name).role
    iam: Any = rotating_deployment.aws.session().client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [WITHOUT_COST_CENTRE]})
    it = somebody(rotating_deployment)
    iam.put_role_policy(RoleName=role, PolicyName=POLICY, PolicyDocument=document)
    try:
        claim(rotating_deployment.aws, it.user_name, it.secret, "approve")
        assert eventually(lambda: bool(refusals(rotating_deployment, it.user_name)))
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=POLICY)
    [reason] = refusals(rotating_deployment, it.user_name)
    assert "secretsmanager:CreateSecret: denied by identity-based policy" in reason
    body = body_of(rotating_deployment, f"[medium] claim-refused: {it.user_name}")
    assert "denied by identity-based policy" in body
