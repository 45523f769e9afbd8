"""A thief who created a session with a user's key, before the key was deactivated to contain the leak."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.demo.automation import deactivate
from local.demo.enrolment import enrol_new_user
from local.deployment import open_deployment
from tests.e2e.conftest import ROTATION, TAGS
from tests.e2e.rotation_log import await_failures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment

REFUSED = "may let a session that was created with it read the new key"
NO_SESSION = {"Null": {"aws:TokenIssueTime": "false"}}


@pytest.fixture(scope="module")
def deployment_for_readers(
    tmp_path_factory: pytest.TempPathFactory, assemblies: Path
) -> Iterator[Deployment]:
    """Each user may read its own secret."""
    state, rotation = tmp_path_factory.mktemp("readers"), ROTATION | {"usersReadOwnSecret": True}
    with open_deployment(state, assemblies=assemblies, mode="auto", rotation=rotation, tags=TAGS) as opened:
        yield opened


def own_session(it: EnrolledUser) -> Any:
    """With the user's long-term key."""
    return it.deployment.aws.session((it.application.access_key_id, it.application.secret_access_key))


def session_of(it: EnrolledUser) -> Any:
    credentials = own_session(it).client("sts").get_session_token()["Credentials"]
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return it.deployment.aws.session(tuple(credentials[name] for name in names))


def secret_read_by(session: Any, it: EnrolledUser) -> str:
    text: str = session.client("secretsmanager").get_secret_value(SecretId=it.secret)["SecretString"]
    return text


@contextmanager
def allowed(it: EnrolledUser, *statements: dict[str, Any]) -> Iterator[None]:
    document = json.dumps({"Version": "2012-10-17", "Statement": [*statements]})
    it.iam.put_user_policy(UserName=it.user_name, PolicyName="own", PolicyDocument=document)
    yield
    it.iam.delete_user_policy(UserName=it.user_name, PolicyName="own")


def decrypt(it: EnrolledUser) -> dict[str, Any]:
    key = it.deployment.outputs["ManagedSecretKeyArn"]
    return {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}


def test_the_users_policy_on_its_secret_admits_its_key_and_no_session_of_it(
    deployment_for_readers: Deployment,
) -> None:
    it = enrol_new_user(deployment_for_readers)
    with allowed(it, decrypt(it)):
        session = session_of(it)
        assert it.user_name in secret_read_by(own_session(it), it)
        deactivate(it.application)
        it.application.call("sts", "get_caller_identity")
        assert it.await_rotation()
        with pytest.raises(ClientError, match="AccessDenied"):
            secret_read_by(session, it)


def test_no_new_key_is_created_for_a_user_whose_sessions_may_read_it(
    deployment_for_readers: Deployment,
) -> None:
    it = enrol_new_user(deployment_for_readers)
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    with allowed(it, decrypt(it), read):
        session, before = session_of(it), it.keys()
        it.deployment.failures.expect("rotate_key", REFUSED)
        deactivate(it.application)
        [reason] = await_failures(it)
        assert REFUSED in reason
        assert it.keys() == dict.fromkeys(before, "Inactive")
        assert it.application.access_key_id in secret_read_by(session, it)


def test_a_policy_that_denies_sessions_lets_the_key_be_replaced(deployment_for_readers: Deployment) -> None:
    it = enrol_new_user(deployment_for_readers)
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    with allowed(it, decrypt(it), read, read | {"Effect": "Deny", "Condition": NO_SESSION}):
        deactivate(it.application)
        assert it.await_rotation()
