"""What the role of the rotation function may not do, asked with its own policies under enforced IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from lambdas.ledger.domain.enrolment_tags import SECRET_TAG
from local.demo.application import new_application
from local.demo.enrolment import enrol_new_user
from tests.e2e.role_session import session_of_role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deployment import Deployment


@pytest.fixture
def role(rotating_deployment: Deployment) -> Iterator[Any]:
    with session_of_role(rotating_deployment, "rotate_key") as session:
        yield session


def test_it_makes_and_deletes_keys_of_an_enrolled_user(rotating_deployment: Deployment, role: Any) -> None:
    it = enrol_new_user(rotating_deployment)
    made = role.client("iam").create_access_key(UserName=it.user_name)["AccessKey"]["AccessKeyId"]
    role.client("iam").delete_access_key(UserName=it.user_name, AccessKeyId=made)
    assert list(it.keys()) == [it.application.access_key_id]


@pytest.mark.parametrize("tags", [{}, {SECRET_TAG: "database/orders"}], ids=["no tag", "another prefix"])
def test_it_can_neither_make_nor_delete_a_key_of_any_other_user(
    rotating_deployment: Deployment, role: Any, tags: dict[str, str]
) -> None:
    stranger = new_application(rotating_deployment.aws, "stranger")
    iam: Any = rotating_deployment.aws.session().client("iam")
    iam.tag_user(
        UserName=stranger.user_name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        role.client("iam").create_access_key(UserName=stranger.user_name)
    with pytest.raises(ClientError, match="AccessDenied"):
        role.client("iam").delete_access_key(UserName=stranger.user_name, AccessKeyId=stranger.access_key_id)
    assert stranger.call("sts", "get_caller_identity") == ""


def test_it_cannot_enrol_anybody(rotating_deployment: Deployment, role: Any) -> None:
    stranger = new_application(rotating_deployment.aws, "stranger")
    with pytest.raises(ClientError, match="AccessDenied"):
        role.client("iam").tag_user(
            UserName=stranger.user_name, Tags=[{"Key": SECRET_TAG, "Value": "access-keys/stranger"}]
        )


def test_it_can_neither_read_nor_write_a_secret_outside_the_prefix(
    rotating_deployment: Deployment, role: Any
) -> None:
    secrets: Any = rotating_deployment.aws.session().client("secretsmanager")
    name = f"database/{new_application(rotating_deployment.aws, 'orders').user_name}"
    secrets.create_secret(Name=name, SecretString="theirs")
    with pytest.raises(ClientError, match="AccessDenied"):
        role.client("secretsmanager").get_secret_value(SecretId=name)
    with pytest.raises(ClientError, match="AccessDenied"):
        role.client("secretsmanager").put_secret_value(SecretId=name, SecretString="ours")


def test_it_reads_a_managed_secret(rotating_deployment: Deployment, role: Any) -> None:
    it = enrol_new_user(rotating_deployment)
    answer = role.client("secretsmanager").get_secret_value(SecretId=it.secret)
    assert it.user_name in answer["SecretString"]
