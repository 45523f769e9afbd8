"""Every remedy, run as it is printed in the alert by the genuine AWS CLI, mends its scenario."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.domain.remedies import COUNT_ROOT_KEYS, WAIT_AND_TRY_AGAIN, region_status
from local.aws.settings import REGION
from local.demo.application import Application, new_application
from local.demo.scenarios import (
    deactivated,
    deleted,
    in_lower_case,
    never_issued,
    quarantined,
    session_without_its_token,
    superseded,
    with_id,
    wrong_secret,
)
from local.install import AWS_CLI_HOME, install_aws_cli
from tests.builders import a_record, an_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local.aws.process import LocalAws
    from local.stage import Stage


@pytest.fixture(scope="session")
def aws_cli() -> Path:
    install_aws_cli()
    return AWS_CLI_HOME / "bin"


class Shell:
    """The shell of whoever reads the alert: an administrator with a configuration of their own."""

    def __init__(self, stage: Stage, home: Path, aws_cli: Path) -> None:
        self.home = home
        write_configuration(home, stage.aws)
        self.environment = stage.aws.environment() | {
            "PATH": f"{aws_cli}:{os.defpath}",
            "HOME": str(home),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, commands: list[str], typed: str = "", **environment: str) -> str:
        ended = subprocess.run(  # noqa: S603 -- to run what the alert says is the test
            ["/bin/sh", "-c", "\n".join(commands)],
            env=self.environment | environment,
            input=typed,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


def write_configuration(home: Path, aws: LocalAws) -> None:
    """What a remedy needs that runs without the environment."""
    lines = (
        "[default]",
        f"endpoint_url = {aws.endpoint_url}",
        f"ca_bundle = {aws.ca_bundle}",
        f"region = {REGION}",
    )
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("\n".join(lines) + "\n")


@pytest.fixture
def shell(stage: Stage, tmp_path: Path, aws_cli: Path) -> Shell:
    return Shell(stage, tmp_path, aws_cli)


def remedies_for(stage: Stage, application: Application) -> list[list[str]]:
    """The commands of the alert for the application's next call, remedy by remedy, as printed."""
    application.call("sts", "get_caller_identity")
    key = application.incident_key
    alert = stage.alerts.wait_for(lambda received: key in received.body, 30)
    assert alert is not None
    section = alert.body.split("WHAT TO RUN\n")[1].split("\n\n")[0]
    remedies: list[list[str]] = []
    for line in section.splitlines():
        if line.startswith("    "):
            remedies[-1].append(line.strip())
        else:
            remedies.append([])
    return remedies


def test_the_remedy_for_an_inactive_key_makes_the_application_work_again(stage: Stage, shell: Shell) -> None:
    application = deactivated(stage.aws)
    reactivate, list_keys = remedies_for(stage, application)
    shell.run(reactivate)
    assert application.call("sts", "get_caller_identity") == ""
    assert application.access_key_id in shell.run(list_keys)


def test_the_remedy_for_a_deleted_key_ends_with_a_profile_that_works(stage: Stage, shell: Shell) -> None:
    application = deleted(stage.aws)
    list_keys, replace_key = remedies_for(stage, application)
    assert "AccessKeyMetadata" in shell.run(list_keys)
    assert f"user/{application.user_name}" in shell.run(replace_key)


def test_a_replacement_that_cannot_be_made_leaves_an_existing_profile_as_it_is(
    stage: Stage, shell: Shell
) -> None:
    application = deleted(stage.aws)
    _, replace_key = remedies_for(stage, application)
    profile = f"--profile {application.user_name}"
    shell.run([f"aws configure set aws_access_key_id KEPT {profile}"])
    for _ in range(2):
        stage.aws.session().client("iam").create_access_key(UserName=application.user_name)
    with pytest.raises(AssertionError, match="LimitExceeded"):
        shell.run(replace_key)
    assert shell.run([f"aws configure get aws_access_key_id {profile}"]).strip() == "KEPT"


def test_the_remedies_hold_for_a_name_that_a_mail_client_would_turn_into_a_link(
    stage: Stage, shell: Shell
) -> None:
    application = renamed(stage, "www.evil.example@mail.example")
    reactivate, _ = remedies_for(stage, application)
    assert "www.evil" not in " ".join(reactivate)
    shell.run(reactivate)
    assert application.call("sts", "get_caller_identity") == ""


def renamed(stage: Stage, user_name: str) -> Application:
    iam: Any = stage.aws.session().client("iam")
    application = new_application(stage.aws, "soon-renamed")
    iam.update_user(UserName=application.user_name, NewUserName=user_name)
    application = Application(stage.aws, user_name, application.access_key_id, application.secret_access_key)
    application.deactivate_key()
    return application


def test_the_remedy_for_an_unknown_key_finds_the_credential_that_works(stage: Stage, shell: Shell) -> None:
    application = never_issued()(stage.aws)
    working = new_application(stage.aws, "working")
    for name, value in (
        ("aws_access_key_id", working.access_key_id),
        ("aws_secret_access_key", working.secret_access_key),
    ):
        shell.run([f"aws configure set {name} {value}"])
    show_characters, find_which_wins, _ = remedies_for(stage, application)
    wrong = {
        "AWS_ACCESS_KEY_ID": application.access_key_id,
        "AWS_SECRET_ACCESS_KEY": application.secret_access_key,
    }
    assert "A   K   I   A" in shell.run(show_characters, **wrong)
    shown = shell.run(find_which_wins, **wrong)
    assert "env" in shown
    by_profile_without_environment_and_unset = 3
    assert shown.count(f"user/{working.user_name}") == by_profile_without_environment_and_unset


def test_the_remedy_for_a_profile_with_the_wrong_key_takes_the_right_one(stage: Stage, shell: Shell) -> None:
    application, good = never_issued()(stage.aws), new_application(stage.aws, "good")
    shell.run([f"aws configure set aws_access_key_id {application.access_key_id}"])
    shell.run([f"aws configure set aws_secret_access_key {application.secret_access_key}"])
    *_, put_right_pair = remedies_for(stage, application)
    typed = f"{good.access_key_id} {good.secret_access_key}\n"
    assert f"user/{good.user_name}" in shell.run(put_right_pair, typed)


def test_the_remedy_for_a_quarantined_key_contains_it_and_shows_what_it_did(
    stage: Stage, shell: Shell
) -> None:
    application = quarantined(stage.aws)
    application.reactivate_key()
    stage.inject(an_event(a_record(application.access_key_id, recipientAccountId=stage.aws.account)))
    contain, what_it_did = remedies_for(stage, application)
    assert application.call("sts", "get_caller_identity") == ""
    shell.run(contain)
    assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    assert "GetCallerIdentity" in shell.run(what_it_did)


def test_the_remedies_for_a_superseded_key_lead_to_the_newer_one(stage: Stage, shell: Shell) -> None:
    application = superseded(stage.aws)
    list_keys, last_use = remedies_for(stage, application)
    newer = last_use[0].rsplit(" ", 1)[-1]
    assert newer in shell.run(list_keys)
    assert application.user_name in shell.run(last_use)


@pytest.mark.parametrize(
    "breaks",
    [
        wrong_secret,
        session_without_its_token,
        in_lower_case,
        with_id("AKIAI44QH8DHBEXAMPLE"),
        never_issued("555566667777"),
    ],
    ids=["wrong secret", "session without token", "lower case", "placeholder", "other account"],
)
def test_the_remedies_for_a_wrong_credential_run_and_end_with_one_that_works(
    stage: Stage, shell: Shell, breaks: Callable[[LocalAws], Application]
) -> None:
    application, good = breaks(stage.aws), new_application(stage.aws, "working")
    shell.run([f"aws configure set aws_access_key_id {good.access_key_id}"])
    shell.run([f"aws configure set aws_secret_access_key {good.secret_access_key}"])
    wrong = {
        "AWS_ACCESS_KEY_ID": application.access_key_id,
        "AWS_SECRET_ACCESS_KEY": application.secret_access_key,
    }
    typed = f"{good.access_key_id} {good.secret_access_key}\n"
    shown = [shell.run(remedy, typed, **wrong) for remedy in remedies_for(stage, application)]
    assert f"user/{good.user_name}" in shown[-1]


def test_the_remedies_without_a_scenario_of_their_own_run_as_printed(shell: Shell) -> None:
    assert shell.run(list(COUNT_ROOT_KEYS.commands)).strip().isdigit()
    assert "user/administrator" in shell.run(list(WAIT_AND_TRY_AGAIN.commands))
    assert shell.run(list(region_status("eu-south-1").commands)).strip()
