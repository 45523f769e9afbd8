"""The result of a rotation, and that of the key that it replaced, are each reported once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from local.demo.automation import deactivate
from local.demo.enrolment import enrol_new_user
from local.patience import TIMEOUT_SECONDS
from tests.e2e.recipient import Shell, remedies_in
from tests.e2e.rotation_log import await_failures
from tests.e2e.test_retirement import TERM_SECONDS, replaced, retire

if TYPE_CHECKING:
    from pathlib import Path

    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment
    from local.inbox import Received

SETTLING_SECONDS = 3


def notifications_of(it: EnrolledUser, kind: str) -> list[Received]:
    """All notifications of the kind about the secret, some time after the first one."""

    def is_it(received: Received) -> bool:
        return f"] {kind}: " in received.subject and it.secret in received.body

    alerts = it.deployment.alerts
    assert alerts.wait_for(is_it, TIMEOUT_SECONDS), f"{kind} was not sent"
    alerts.wait_for(lambda _: False, SETTLING_SECONDS)
    return [received for received in alerts.received if is_it(received)]


@pytest.fixture
def shell(rotating_deployment: Deployment, tmp_path: Path, aws_cli: Path) -> Shell:
    return Shell(rotating_deployment, tmp_path, aws_cli)


def test_a_success_is_reported_once_and_apart_from_the_incident_of_the_dead_key(
    rotating_deployment: Deployment,
) -> None:
    it = enrol_new_user(rotating_deployment)
    deactivate(it.application)
    assert it.await_rotation()
    [alert] = notifications_of(it, "rotation-succeeded")
    assert (alert.attributes["decision"], alert.attributes["severity"]) == ("rotate", "low")
    assert (alert.attributes["cause"], alert.attributes["owner"]) == ("-", it.user_name)
    assert it.value()["AccessKeyId"] in alert.body
    [incident] = rotating_deployment.incidents_of(it.application.access_key_id)
    rotation = incident["rotation"]["M"]
    assert rotation["outcome"] == {"S": "succeeded"}
    assert rotation["newKey"] == {"S": it.value()["AccessKeyId"]}


def test_a_refusal_is_reported_once_for_all_attempts_and_its_commands_resolve_it(
    rotating_deployment: Deployment, shell: Shell
) -> None:
    it = enrol_new_user(rotating_deployment)
    second = it.application.with_another_key()
    rotating_deployment.failures.expect("rotate_key", "no free slot for a new key")
    it.rotate()
    await_failures(it)
    [alert] = notifications_of(it, "rotation-failed")
    assert (alert.attributes["decision"], alert.attributes["severity"]) == ("refuse", "high")
    assert f"no free slot for a new key: {it.user_name} holds" in alert.body
    assert second.access_key_id in alert.body
    assert "AWSCURRENT is unchanged" in alert.body
    for commands in remedies_in(alert):
        if not any(it.application.access_key_id in command for command in commands):  # this one is kept
            shell.run(commands)
    assert it.await_rotation()
    held = it.keys()
    assert second.access_key_id not in held


def test_a_reminder_names_who_still_uses_the_old_key_and_its_retirement_is_no_predicted_outage(
    rotating_deployment: Deployment,
) -> None:
    it = replaced(rotating_deployment)
    time.sleep(TERM_SECONDS)
    it.application.call("sts", "get_caller_identity")
    retire(rotating_deployment)
    [reminder] = notifications_of(it, "key-wanted")
    assert "Last use: sts in" in reminder.body
    assert "Still uses it: 127.0.0.1" in reminder.body
    time.sleep(TERM_SECONDS)
    it.current().call("sts", "get_caller_identity")
    time.sleep(TERM_SECONDS)
    retire(rotating_deployment)
    [retired] = notifications_of(it, "key-retired")
    assert retired.attributes["severity"] == "low"
    old = it.application.access_key_id
    predictions = [
        one for one in it.deployment.alerts.received if old in one.body and one.attributes["cause"] != "-"
    ]
    assert predictions == []
    assert rotating_deployment.incidents_of(old) == []
