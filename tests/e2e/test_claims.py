"""What users with few permissions can cause by tags, and by secrets that they prepare, under enforced IAM."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from local.demo.enrolment import EnrolledUser, await_enrolment, claim
from tests.e2e.claimants import client_of_a_user, eventually, names_under, refusals, somebody

if TYPE_CHECKING:
    from local.deployment import Deployment

NO_BREAK_SPACE = "\u00a0"
TAG_USERS = {"Effect": "Allow", "Action": ["iam:TagUser", "iam:UntagUser"], "Resource": "*"}
NOT_OURS = {
    "Effect": "Deny",
    "Action": ["iam:TagUser", "iam:UntagUser"],
    "Resource": "*",
    "Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": ["access-key-remediator:*"]}},
}
SECRETS_OF_A_PLANTER = {
    "Effect": "Allow",
    "Action": ["secretsmanager:CreateSecret", "secretsmanager:TagResource", "secretsmanager:GetSecretValue"],
    "Resource": "*",
}


def set_tags(iam: Any, user_name: str, tags: dict[str, str]) -> None:
    iam.tag_user(UserName=user_name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def enrol_another(deployment: Deployment) -> None:
    """All earlier requests have been processed once this one has."""
    it = somebody(deployment)
    claim(deployment.aws, it.user_name, it.secret, "approve")
    await_enrolment(it)


def test_a_no_break_space_in_a_tag_gets_past_no_policy(rotating_deployment: Deployment) -> None:
    name, iam = client_of_a_user(rotating_deployment, "iam", TAG_USERS, NOT_OURS)
    secret = f"access-keys/{name}"
    with pytest.raises(ClientError, match="AccessDenied"):
        set_tags(iam, name, {SECRET_TAG: secret})
    for tag, value in ((SECRET_TAG, secret), (MODE_TAG, "auto")):
        set_tags(iam, name, {tag.replace(":", f"{NO_BREAK_SPACE}:"): value})
    enrol_another(rotating_deployment)
    assert names_under(rotating_deployment, secret) == set()
    assert refusals(rotating_deployment, name) == set()


def test_a_user_that_may_tag_itself_gets_one_secret_and_nobody_elses_name(
    rotating_deployment: Deployment,
) -> None:
    name, iam = client_of_a_user(rotating_deployment, "iam", TAG_USERS)
    owner = somebody(rotating_deployment)
    set_tags(iam, name, {SECRET_TAG: owner.secret, MODE_TAG: "approve"})
    assert eventually(lambda: bool(refusals(rotating_deployment, name)))
    for number in range(5):
        set_tags(iam, name, {SECRET_TAG: f"access-keys/flood-{number}/{name}"})
        enrol_another(rotating_deployment)
    assert len({it for it in names_under(rotating_deployment, "access-keys/flood-") if name in it}) == 1
    claim(rotating_deployment.aws, owner.user_name, owner.secret, "auto")
    assert eventually(lambda: bool(names_under(rotating_deployment, owner.secret)))
    assert owner.await_rotation()
    assert owner.current().call("sts", "get_caller_identity") == ""


def test_in_mode_notify_a_user_that_may_tag_itself_has_no_secret_created(
    rotating_deployment: Deployment,
) -> None:
    name, iam = client_of_a_user(rotating_deployment, "iam", TAG_USERS)
    set_tags(iam, name, {SECRET_TAG: f"access-keys/{name}", MODE_TAG: "notify"})
    enrol_another(rotating_deployment)
    assert names_under(rotating_deployment, f"access-keys/{name}") == set()
    set_tags(iam, name, {MODE_TAG: "approve"})
    assert eventually(lambda: bool(names_under(rotating_deployment, f"access-keys/{name}")))


def planted(it: EnrolledUser, secrets: Any, **more: str) -> None:
    """As an administrator would prepare it, who only forgets to name the key."""
    secrets.create_secret(
        Name=it.secret,
        SecretString=json.dumps({"UserName": it.user_name}),
        Tags=[{"Key": USER_ID_TAG, "Value": it.user_id}],
        **more,
    )


def test_a_planted_secret_under_the_default_key_never_contains_a_new_key(
    rotating_deployment: Deployment,
) -> None:
    _, secrets = client_of_a_user(rotating_deployment, "secretsmanager", SECRETS_OF_A_PLANTER)
    it = somebody(rotating_deployment)
    planted(it, secrets)
    claim(rotating_deployment.aws, it.user_name, it.secret, "auto")
    reason = "the secret is not encrypted with a key of this deployment but with the key aws/secretsmanager"
    assert eventually(
        lambda: [text.startswith(reason) for text in refusals(rotating_deployment, it.user_name)] == [True]
    )
    value = json.loads(secrets.get_secret_value(SecretId=it.secret)["SecretString"])
    assert (value, it.keys()) == ({"UserName": it.user_name}, {})


def test_a_planted_secret_whose_policy_lets_somebody_read_is_adopted_once_the_policy_is_gone(
    rotating_deployment: Deployment,
) -> None:
    it = somebody(rotating_deployment)
    planted(it, it.secrets, KmsKeyId=rotating_deployment.outputs["ManagedSecretKeyArn"])
    sts: Any = rotating_deployment.aws.session().client("sts")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{sts.get_caller_identity()['Account']}:root"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    it.secrets.put_resource_policy(SecretId=it.secret, ResourcePolicy=json.dumps(policy))
    claim(rotating_deployment.aws, it.user_name, it.secret, "approve")
    reason = "its resource policy lets others read the secret"
    assert eventually(lambda: refusals(rotating_deployment, it.user_name) == {reason})
    assert not it.secrets.describe_secret(SecretId=it.secret).get("RotationEnabled")
    it.secrets.delete_resource_policy(SecretId=it.secret)
    claim(rotating_deployment.aws, it.user_name, it.secret, "auto")
    await_enrolment(it)
