"""A dead key of an enrolled user is replaced, and who reads it from the secret works again unaided."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from lambdas.rotation.domain.smtp_password import smtp_password
from local.demo.application import new_application
from local.demo.automation import deactivate
from local.demo.consumer import run_consumer
from local.demo.enrolment import enrol, enrol_new_user
from local.emulator.settings import REGION
from local.patience import TIMEOUT_SECONDS
from tests.e2e.recipient import Shell, remedies_in

if TYPE_CHECKING:
    from pathlib import Path

    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment
    from local.inbox import Received


def alert_of(it: EnrolledUser) -> Received:
    """The first about the key that died."""
    key = it.application.access_key_id
    alert = it.deployment.alerts.wait_for(lambda received: received.is_of_incident(key), TIMEOUT_SECONDS)
    assert alert is not None
    return alert


def test_a_consumer_survives_the_death_of_its_key_without_a_restart(rotating_deployment: Deployment) -> None:
    it = enrol_new_user(rotating_deployment, consumer="ours", retries=3)
    with run_consumer(it) as consumer:
        assert consumer.await_line(lambda line: line.is_success, after=0, seconds=TIMEOUT_SECONDS)
        died_at = time.monotonic()
        deactivate(it.application)
        outage = consumer.outage(died_at, TIMEOUT_SECONDS)
        assert consumer.process.poll() is None
    assert outage is not None
    alert = alert_of(it)
    assert (alert.attributes["decision"], alert.attributes["severity"]) == ("rotate", "medium")
    assert it.await_rotation()
    assert it.current().call("sts", "get_caller_identity") == ""
    assert {name: it.value()[name] for name in ("consumer", "retries", "UserName")} == {
        "consumer": "ours",
        "retries": 3,
        "UserName": it.user_name,
    }


def test_a_rotation_begins_before_the_first_call_fails(rotating_deployment: Deployment) -> None:
    it = enrol_new_user(rotating_deployment)
    deactivate(it.application)
    assert it.await_rotation()
    alert = alert_of(it)
    assert (alert.attributes["cause"], alert.attributes["decision"]) == ("deactivated-in-use", "rotate")
    assert it.keys() == {it.application.access_key_id: "Inactive", it.value()["AccessKeyId"]: "Active"}


def test_smtp_credentials_follow_the_key_and_a_field_that_does_not_is_reported(
    rotating_deployment: Deployment,
) -> None:
    application = new_application(rotating_deployment.aws, "mailer")
    fields = {
        "SmtpUser": application.access_key_id,
        "SmtpPassword": smtp_password(application.secret_access_key, REGION),
        "OtherPassword": smtp_password("another secret", REGION),
    }
    it = enrol(rotating_deployment, application, "auto", **fields)
    alert = it.deployment.alerts.wait_for(
        lambda received: f"fields-not-renewed: {it.user_name}" in received.subject, TIMEOUT_SECONDS
    )
    assert alert is not None
    assert "OtherPassword" in alert.body
    assert fields["OtherPassword"] not in alert.body
    it.rotate()
    assert it.await_rotation()
    value = it.value()
    assert value["SmtpUser"] == value["AccessKeyId"] != fields["SmtpUser"]
    assert value["SmtpPassword"] == smtp_password(value["SecretAccessKey"], REGION)
    assert value["OtherPassword"] == fields["OtherPassword"]


def test_whatever_fails_meanwhile_makes_no_second_key(rotating_deployment: Deployment) -> None:
    it = enrol_new_user(rotating_deployment)
    deactivate(it.application)
    for _ in range(10):
        it.application.call("sts", "get_caller_identity")
        time.sleep(0.5)
    assert it.await_rotation()
    first = it.value()["AccessKeyId"]
    it.deployment.alerts.wait_for(lambda _: False, 3)
    assert (it.value()["AccessKeyId"], len(it.keys())) == (first, 2)


@pytest.fixture
def shell(rotating_deployment: Deployment, tmp_path: Path, aws_cli: Path) -> Shell:
    return Shell(rotating_deployment, tmp_path, aws_cli)


@pytest.mark.parametrize(
    ("mode", "by_a_person"), [("approve", False), ("auto", True)], ids=["approve", "a person did it"]
)
def test_what_has_to_be_approved_is_rotated_by_the_one_command_of_the_alert(
    rotating_deployment: Deployment, shell: Shell, mode: str, *, by_a_person: bool
) -> None:
    it = enrol_new_user(rotating_deployment, mode)
    if by_a_person:
        it.application.deactivate_key()
    else:
        deactivate(it.application)
    alert = alert_of(it)
    assert alert.attributes["decision"] == "request-approval"
    approve, *_ = remedies_in(alert)
    assert approve == [f"aws secretsmanager rotate-secret --region={REGION} --secret-id={it.secret}"]
    assert list(it.keys()) == [it.application.access_key_id]
    shell.run(approve)
    assert it.await_rotation()
    assert it.current().call("sts", "get_caller_identity") == ""
