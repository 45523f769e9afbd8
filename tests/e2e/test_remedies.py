"""Every remedy, run by the AWS CLI as the alert prints it, fixes its scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lambdas.diagnosis.domain.cause import Cause
from local.demo.application import Application, new_application
from local.demo.scenario_runner import run_scenario
from local.demo.scenarios import (
    A_SECRET,
    SCENARIOS,
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
from local.patience import TIMEOUT_SECONDS
from tests.e2e.recipient import Shell, environment_of, remedies_in, typed_pair

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local.deployment import Deployment
    from local.emulator.process import LocalAws


@pytest.fixture
def shell(deployment: Deployment, tmp_path: Path, aws_cli: Path) -> Shell:
    return Shell(deployment, tmp_path, aws_cli)


def remedies_for(deployment: Deployment, application: Application) -> list[list[str]]:
    """Those of the alert for the application's next call."""
    application.call("sts", "get_caller_identity")
    key = application.incident_key
    alert = deployment.alerts.wait_for(lambda received: key in received.body, 30)
    assert alert is not None
    return remedies_in(alert)


def test_the_remedy_for_an_inactive_key_makes_the_application_work_again(
    deployment: Deployment, shell: Shell
) -> None:
    application = deactivated(deployment.aws)
    reactivate, list_keys = remedies_for(deployment, application)
    shell.run(reactivate)
    assert application.call("sts", "get_caller_identity") == ""
    assert application.access_key_id in shell.run(list_keys)


def test_the_remedy_for_a_deleted_key_ends_with_a_profile_that_works(
    deployment: Deployment, shell: Shell
) -> None:
    application = deleted(deployment.aws)
    list_keys, replace_key = remedies_for(deployment, application)
    assert "AccessKeyMetadata" in shell.run(list_keys)
    assert f"user/{application.user_name}" in shell.run(replace_key)


def test_a_replacement_that_cannot_be_made_leaves_an_existing_profile_as_it_is(
    deployment: Deployment, shell: Shell
) -> None:
    application = deleted(deployment.aws)
    _, replace_key = remedies_for(deployment, application)
    profile = f"--profile={application.user_name}"
    shell.run([f"aws configure set aws_access_key_id KEPT {profile}"])
    for _ in range(2):
        deployment.aws.session().client("iam").create_access_key(UserName=application.user_name)
    with pytest.raises(AssertionError, match="LimitExceeded"):
        shell.run(replace_key)
    assert shell.run([f"aws configure get aws_access_key_id {profile}"]).strip() == "KEPT"


def test_the_remedies_hold_for_a_name_that_a_mail_client_would_turn_into_a_link(
    deployment: Deployment, shell: Shell
) -> None:
    application = renamed(deployment, "www.evil.example@mail.example")
    reactivate, _ = remedies_for(deployment, application)
    assert "www.evil" not in " ".join(reactivate)
    shell.run(reactivate)
    assert application.call("sts", "get_caller_identity") == ""


def renamed(deployment: Deployment, user_name: str) -> Application:
    iam: Any = deployment.aws.session().client("iam")
    application = new_application(deployment.aws, "soon-renamed")
    iam.update_user(UserName=application.user_name, NewUserName=user_name)
    application = Application(
        deployment.aws, user_name, application.access_key_id, application.secret_access_key
    )
    application.deactivate_key()
    return application


def test_the_remedy_for_an_unknown_key_finds_the_credential_that_works(
    deployment: Deployment, shell: Shell
) -> None:
    application = never_issued()(deployment.aws)
    working = new_application(deployment.aws, "working")
    shell.keep_in_profile(working)
    show_characters, find_which_wins, _ = remedies_for(deployment, application)
    wrong = environment_of(application)
    assert "A   K   I   A" in shell.run(show_characters, **wrong)
    shown = shell.run(find_which_wins, **wrong)
    assert "env" in shown
    by_profile_without_environment_and_unset = 3
    assert shown.count(f"user/{working.user_name}") == by_profile_without_environment_and_unset


def test_the_remedy_for_a_profile_with_the_wrong_key_takes_the_right_one(
    deployment: Deployment, shell: Shell
) -> None:
    application, good = never_issued()(deployment.aws), new_application(deployment.aws, "good")
    shell.keep_in_profile(application)
    *_, put_right_pair = remedies_for(deployment, application)
    assert f"user/{good.user_name}" in shell.run(put_right_pair, typed_pair(good))


def test_the_remedy_for_a_quarantined_key_contains_it_and_shows_what_it_did(
    deployment: Deployment, shell: Shell
) -> None:
    application = quarantined(deployment.aws)
    contain, what_it_did = remedies_for(deployment, application)
    assert application.call("sts", "get_caller_identity") == ""
    shell.run(contain)
    assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    assert "GetCallerIdentity" in shell.run(what_it_did)


def test_the_remedies_for_a_superseded_key_find_the_source_of_the_old_one_and_list_the_newer(
    deployment: Deployment, shell: Shell
) -> None:
    application = superseded(deployment.aws)
    find_old_key, list_keys = remedies_for(deployment, application)
    found = shell.run(find_old_key, **environment_of(application))
    assert "Found credentials in environment variables" in found
    assert application.access_key_id[-4:] in found, "the CLI shows the end of the id"
    assert shell.run(list_keys).count('"Status": "Active"') == 1


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
    deployment: Deployment, shell: Shell, breaks: Callable[[LocalAws], Application]
) -> None:
    application, good = breaks(deployment.aws), new_application(deployment.aws, "working")
    shell.keep_in_profile(good)
    wrong = environment_of(application)
    shown = [shell.run(remedy, typed_pair(good), **wrong) for remedy in remedies_for(deployment, application)]
    assert f"user/{good.user_name}" in shown[-1]


def test_the_remedy_for_a_root_users_key_shows_whether_one_is_left(
    deployment: Deployment, shell: Shell
) -> None:
    """Injected: the local AWS's root user has no key that could be refused."""
    outcome = run_scenario(
        deployment, next(scenario for scenario in SCENARIOS if scenario.cause is Cause.ROOT_KEY)
    )
    assert outcome.alert is not None
    [count_keys] = remedies_in(outcome.alert)
    assert shell.run(count_keys).strip() == "0"


def test_the_remedies_for_a_secret_in_place_of_the_id_show_it_to_nobody_and_close_the_incident(
    deployment: Deployment, shell: Shell
) -> None:
    application = with_id(A_SECRET[::-1])(deployment.aws)
    see_event, count_characters, close = remedies_for(deployment, application)
    shown = shell.run(see_event) + shell.run(count_characters, **environment_of(application))
    assert str(len(A_SECRET)) in shown
    assert A_SECRET[::-1] not in f"{shown} {see_event} {count_characters} {close}"
    shell.run(close)
    key = application.incident_key
    closing = deployment.alerts.wait_for(
        lambda received: key in received.body and "closed the incident" in received.body, TIMEOUT_SECONDS
    )
    assert closing is not None
    assert closing.attributes["severity"] == "low"
