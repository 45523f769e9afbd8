"""A secret whose key is dead gets another one that works: its previous one, or the one of a backup user."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from local.demo.application import create_application
from local.demo.automation import deactivate
from local.demo.enrolment import enrol, enrol_new_user
from local.emulator.settings import REGION
from local.patience import TIMEOUT_SECONDS
from tests.e2e.recipient import Shell, remedies_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.demo.application import Application
    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment
    from local.inbox import Received


def rotated(it: EnrolledUser) -> Application:
    """With the key that has replaced the first one, and is in service."""
    it.rotate()
    assert it.await_rotation()
    it.await_no_pending_version()
    new = it.current()
    new.call("sts", "get_caller_identity")
    return new


def alert_about(deployment: Deployment, key: str) -> Received:
    alert = deployment.alerts.wait_for(lambda received: received.is_of_incident(key), TIMEOUT_SECONDS)
    assert alert is not None
    return alert


@pytest.fixture
def shell(rotating_deployment: Deployment, tmp_path: Path, aws_cli: Path) -> Shell:
    return Shell(rotating_deployment, tmp_path, aws_cli)


def test_a_key_that_dies_right_after_its_rotation_gives_way_to_the_one_before_it(
    rotating_deployment: Deployment,
) -> None:
    it = enrol_new_user(rotating_deployment)
    new = rotated(it)
    deactivate(new)
    alert = alert_about(rotating_deployment, new.access_key_id)
    assert (alert.attributes["decision"], alert.attributes["severity"]) == ("fail-over", "medium")
    assert it.value()["AccessKeyId"] == it.application.access_key_id
    assert it.current().call("sts", "get_caller_identity") == ""
    state = rotating_deployment.ledger.entry(f"rotation:{it.secret}")
    assert [one["accessKeyId"] for one in state["superseded"]] == [new.access_key_id]
    assert it.keys() == {it.application.access_key_id: "Active", new.access_key_id: "Inactive"}


def test_it_is_proposed_to_whoever_has_to_approve_it(rotating_deployment: Deployment, shell: Shell) -> None:
    it = enrol_new_user(rotating_deployment, "approve")
    new = rotated(it)
    deactivate(new)
    alert = alert_about(rotating_deployment, new.access_key_id)
    assert alert.attributes["decision"] == "request-approval"
    approve, *_ = remedies_in(alert)
    assert it.value()["AccessKeyId"] == new.access_key_id
    shell.run(approve)
    assert it.value()["AccessKeyId"] == it.application.access_key_id


def without_a_slot(
    deployment: Deployment, borrower: str, lender: str, mode: str
) -> tuple[EnrolledUser, EnrolledUser]:
    """The borrower holds two keys; the one in its secret is about to die."""
    lending = enrol(deployment, create_application(deployment.aws, lender), "auto")
    it = enrol(deployment, create_application(deployment.aws, borrower), mode, consumer="ours")
    it.application.with_another_key()
    for one in (it, lending):  # the trial of the configuration has seen it
        deployment.ledger.await_entry(f"rotation:{one.secret}", lambda entry: entry.get("currentKeyId"))
    return it, lending


def test_the_key_of_a_backup_is_lent_and_returned(rotating_deployment: Deployment) -> None:
    it, lending = without_a_slot(rotating_deployment, "borrower", "lender", "auto")
    deactivate(it.application)
    alert = alert_about(rotating_deployment, it.application.access_key_id)
    assert (alert.attributes["decision"], alert.attributes["severity"]) == ("fail-over", "medium")
    assert it.value() == lending.value() | {"UserName": "borrower", "consumer": "ours"}
    back, *_ = remedies_in(alert)
    assert back == [f"aws secretsmanager rotate-secret --region={REGION} --secret-id={it.secret}"]
    it.application.delete_key()
    it.rotate()
    await_own_key(it)
    assert lending.keys() == {lending.application.access_key_id: "Active"}
    assert "loan" not in state_of(it)


@contextmanager
def may_read_its_secret(it: EnrolledUser) -> Iterator[None]:
    iam, policy = it.deployment.aws.session().client("iam"), "reads-its-secret"
    allowed = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_user_policy(UserName=it.application.user_name, PolicyName=policy, PolicyDocument=document)
    yield
    iam.delete_user_policy(UserName=it.application.user_name, PolicyName=policy)


def test_a_loan_is_proposed_without_showing_the_key(rotating_deployment: Deployment, shell: Shell) -> None:
    it, lending = without_a_slot(
        rotating_deployment, "cautious-borrower", "lender-of-the-cautious", "approve"
    )
    deactivate(it.application)
    alert = alert_about(rotating_deployment, it.application.access_key_id)
    assert alert.attributes["decision"] == "request-approval"
    approve, *_ = remedies_in(alert)
    with may_read_its_secret(it):
        assert "the policies of cautious-borrower may allow it to read the secret" in shell.run(approve)
        assert it.value()["AccessKeyId"] == it.application.access_key_id
    shown = shell.run(approve)
    assert it.value()["AccessKeyId"] == lending.application.access_key_id
    assert lending.application.secret_access_key not in shown + alert.body


def await_own_key(it: EnrolledUser) -> None:
    """Until the secret's key is one of the user's own."""

    def is_own(state: dict[str, Any]) -> bool:
        owned = it.keys()
        return state["currentKeyId"] in owned

    it.deployment.ledger.await_entry(f"rotation:{it.secret}", is_own)


def state_of(it: EnrolledUser) -> dict[str, Any]:
    state: dict[str, Any] = it.deployment.ledger.entry(f"rotation:{it.secret}")
    return state
