"""The commands of docs/rotation.md, run as they are written by the genuine AWS CLI."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.ledger.domain.enrolment_tags import (
    GRACE_TAG,
    MODE_TAG,
    QUIET_TAG,
    SECRET_TAG,
    USER_ID_TAG,
)
from local.cdk import ROOT
from local.demo.application import Application, create_application, new_application
from local.demo.automation import deactivate
from local.demo.enrolment import EnrolledUser, await_enrolment, enrol
from local.demo.switches import clear_cached_switches
from local.patience import TIMEOUT_SECONDS
from tests.e2e.recipient import Shell
from tests.e2e.rotation_log import await_failures

if TYPE_CHECKING:
    from pathlib import Path

    from local.deployment import Deployment

SECTION = re.compile(r"^## (?P<title>.+?)$(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs" / "rotation.md").read_text()
COMMANDS = {found["title"]: BLOCK.findall(found["text"]) for found in SECTION.finditer(PAGE)}


class Reader:
    """Follows the page for one user, with the stack's outputs in the environment."""

    def __init__(self, deployment: Deployment, shell: Shell) -> None:
        self.shell = shell
        self.it = EnrolledUser(deployment, user_without_a_key(deployment), "")
        self.it = EnrolledUser(deployment, self.it.application, f"access-keys/{self.it.user_name}")

    def run(self, title: str, block: int = 0) -> str:
        text = COMMANDS[title][block]
        return self.shell.run([text], USER_NAME=self.it.user_name, **self.it.deployment.outputs)

    def enrol(self) -> None:
        self.run("Enrol a user")
        await_enrolment(self.it)

    def tags(self) -> dict[str, str]:
        tags: Any = self.it.iam.list_user_tags(UserName=self.it.user_name)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}


def user_without_a_key(deployment: Deployment) -> Application:
    application = new_application(deployment.aws, "orders")
    application.delete_key()
    return Application(deployment.aws, application.user_name, "", "")


@pytest.fixture
def reader(rotating_deployment: Deployment, tmp_path: Path, aws_cli: Path) -> Reader:
    return Reader(rotating_deployment, Shell(rotating_deployment, tmp_path, aws_cli))


def test_one_command_enrols_a_user_and_makes_no_key(reader: Reader) -> None:
    reader.enrol()
    it = reader.it
    described = it.secrets.describe_secret(SecretId=it.secret)
    assert len(re.findall(r"^aws ", COMMANDS["Enrol a user"][0], re.MULTILINE)) == 1
    assert {"Key": USER_ID_TAG, "Value": it.user_id} in described["Tags"]
    assert described["KmsKeyId"] == it.deployment.outputs["ManagedSecretKeyArn"]
    assert (described["RotationEnabled"], it.keys()) == (True, {})
    assert reader.tags() == {SECRET_TAG: it.secret, MODE_TAG: "approve"}
    assert it.value() == {"UserName": it.user_name}


def test_a_secret_that_was_prepared_is_adopted(reader: Reader) -> None:
    reader.run("Enrol a user", 2)
    prepared = reader.it.labels()
    reader.enrol()
    described = reader.it.secrets.describe_secret(SecretId=reader.it.secret)
    assert described["RotationLambdaARN"] == reader.it.deployment.outputs["RotationFunctionArn"]
    assert reader.it.labels() == prepared


def test_an_enrolment_ends_and_a_secret_is_bound_to_a_user_that_was_created_again(reader: Reader) -> None:
    reader.enrol()
    reader.run("End an enrolment")
    assert reader.tags() == {}
    subject = f"enrolment-ended: {reader.it.user_name}"
    alerts = reader.it.deployment.alerts
    assert alerts.wait_for(lambda received: subject in received.subject, TIMEOUT_SECONDS)
    reader.it.application.delete_user()
    create_application(reader.it.deployment.aws, reader.it.user_name)
    reader.run("Binding of user and secret")
    tags = reader.it.secrets.describe_secret(SecretId=reader.it.secret)["Tags"]
    assert {"Key": USER_ID_TAG, "Value": reader.it.user_id} in tags


def test_the_first_key_is_made_and_its_death_is_put_to_a_person(reader: Reader) -> None:
    reader.enrol()
    reader.run("Enrol a user", 1)
    assert reader.it.await_rotation()
    first = reader.it.current()
    assert first.call("sts", "get_caller_identity") == ""
    deactivate(first)
    alerts = reader.it.deployment.alerts
    alert = alerts.wait_for(lambda received: received.is_of_incident(first.access_key_id), 30)
    assert alert is not None
    assert (alert.attributes["decision"], "rotated recently" in alert.body) == ("refuse", True)


def test_the_switch_stops_all_and_the_label_that_is_left_comes_off(reader: Reader) -> None:
    reader.enrol()
    reader.run("Kill switch")
    clear_cached_switches(reader.it.deployment)
    reader.it.deployment.failures.expect("rotate_key", "the kill switch is on")
    try:
        reader.run("Enrol a user", 1)
        assert await_failures(reader.it) == {"the kill switch is on"}
    finally:
        off = COMMANDS["Kill switch"][0].replace("--value on", "--value off")
        reader.shell.run([off], **reader.it.deployment.outputs)
        clear_cached_switches(reader.it.deployment)
    assert reader.it.keys() == {}
    reader.run("Refused rotations")
    assert "AWSPENDING" not in reader.it.labels()
    reader.run("Enrol a user", 1)
    assert reader.it.await_rotation()


def test_the_retirement_can_be_started_at_once(reader: Reader) -> None:
    answer = reader.run("Retirement of replaced keys")
    assert json.loads(answer[answer.index("{") :])["StatusCode"] == 200


def test_the_grace_period_of_one_user_is_a_tag(reader: Reader) -> None:
    reader.run("Retirement of replaced keys", 1)
    assert reader.tags() == {GRACE_TAG: "1209600", QUIET_TAG: "3456000"}


def test_a_backups_key_is_lent_and_returned(
    rotating_deployment: Deployment, tmp_path: Path, aws_cli: Path
) -> None:
    shell, title = Shell(rotating_deployment, tmp_path, aws_cli), "Fail over to a backup user"
    lending = enrol(
        rotating_deployment, create_application(rotating_deployment.aws, "lender-of-the-reader"), "auto"
    )
    it = enrol(rotating_deployment, create_application(rotating_deployment.aws, "reader"), "approve")
    it.application.with_another_key()
    it.application.deactivate_key()
    names = {"USER_NAME": it.user_name, "BACKUP_NAME": lending.user_name, **rotating_deployment.outputs}
    shell.run([COMMANDS[title][1]], **names)
    assert it.value()["AccessKeyId"] == lending.application.access_key_id
    it.application.delete_key()
    shell.run([COMMANDS[title][0]], **names)
    own = rotating_deployment.ledger.await_entry(f"rotation:{it.secret}", lambda state: not state.get("loan"))
    assert it.keys().get(own["currentKeyId"]) == "Active"


def test_every_command_of_the_page_is_run_here() -> None:
    assert {title: len(blocks) for title, blocks in COMMANDS.items() if blocks} == {
        "Enrol a user": 3,
        "Fail over to a backup user": 2,
        "End an enrolment": 1,
        "Binding of user and secret": 1,
        "Refused rotations": 1,
        "Kill switch": 1,
        "Retirement of replaced keys": 2,
    }
