"""What happens to a reader who pastes all commands of an alert into a shell."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lambdas.alerting.domain.alert import compose_alert
from lambdas.alerting.domain.layout import what_to_run
from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.rotation.domain.notification import NotificationKind
from tests.support.builders import HOME, a_case, a_change, a_deleted_key, a_finding, an_inactive_key, key_id
from tests.support.paths import GOLDEN
from tests.unit.alerting.test_alert import CASES, DECISIONS, FAIL_OVERS, UNREAD_POLICIES

ALERTS = {
    **{name: compose_alert(a_finding(case)).body for name, case in CASES.items()},
    **{guardrail.value: compose_alert(finding).body for guardrail, finding in DECISIONS.items()},
    **{name: compose_alert(finding).body for name, finding in FAIL_OVERS.items()},
    **{
        f"notification-{kind}": (GOLDEN / "notifications" / f"{kind}.txt").read_text()
        for kind in NotificationKind
        if (GOLDEN / "notifications" / f"{kind}.txt").exists()
    },
}
READS = re.compile(r"(?:get|list|describe|lookup)\b")  # the names of operations that change nothing
REGIONAL = re.compile(r"aws (?:cloudtrail|dynamodb|ec2|lambda|secretsmanager|sns) ")
ONLY_CHOICES = (  # how the purposes begin that may be uncommented
    "(?:Contain it: deactivate the key|Create a new key|Reactivate the key|Return the borrowed key)"
)
STUB = 'aws() { printf "%s\\n" "$2" >> "$CALLS"; }; od() { :; }; sleep() { :; }\n'


def commands(body: str) -> list[str]:
    if "WHAT TO RUN\n" not in body:
        return []
    section = body.split("WHAT TO RUN\n")[1].split("\n\n", maxsplit=1)[0]
    return [line.strip() for line in section.splitlines() if line.startswith("    ")]


def pasted(body: str, calls: Path) -> list[str]:
    script = STUB + "\n".join(commands(body))
    home = {"PATH": "/usr/bin:/bin", "HOME": str(calls.parent), "CALLS": str(calls)}
    subprocess.run(["bash", "--norc", "-c", script], env=home, input=b"", check=False, timeout=60)  # noqa: S603, S607 -- the shell under test
    made = calls.read_text().splitlines() if calls.exists() else []
    return [call for call in made if call and not READS.match(call)]


@pytest.mark.parametrize("name", ALERTS)
def test_of_several_choices_none_is_taken_by_pasting_all(name: str, tmp_path: Path) -> None:
    made = pasted(ALERTS[name], tmp_path / "calls")
    choices = len(re.findall(r"^  (?:Either|Or): ", ALERTS[name], re.MULTILINE))
    assert choices != 1
    assert made == [] or not choices
    assert len(made) <= 1


@pytest.mark.parametrize("name", ALERTS)
def test_only_a_choice_without_another_one_changes_something_when_pasted(name: str, tmp_path: Path) -> None:
    alone = re.findall(f"^  {ONLY_CHOICES}", ALERTS[name], re.MULTILINE)
    assert len(pasted(ALERTS[name], tmp_path / "calls")) <= len(alone)


@pytest.mark.parametrize("name", ["user-deleted", "user-deleted-or-renamed", "user-deleted-in-use"])
def test_a_choice_that_has_a_next_step_does_not_run_when_all_is_pasted(name: str, tmp_path: Path) -> None:
    assert pasted(ALERTS[name], tmp_path / "calls") == []
    assert "Run these in this order, without the #" in ALERTS[name]
    assert "Either: " not in ALERTS[name]


@pytest.mark.parametrize("name", ["quarantined-key", "quarantined"])
def test_a_leaked_key_that_is_inactive_is_left_so_and_nobody_is_asked(name: str) -> None:
    assert "Leave it inactive" in ALERTS[name]
    assert not re.search("--status|First ask", ALERTS[name])


def test_an_inactive_key_that_takes_a_slot_is_only_deleted() -> None:
    assert f"delete {key_id()}, which is inactive" in ALERTS["no-slot"]
    assert f"--access-key-id {key_id()} --status Inactive" not in ALERTS["no-slot"]


@pytest.mark.parametrize("name", ["no-slot", "mode-approve", "fail-over-backup"])
def test_an_alert_with_choices_says_either_or(name: str) -> None:
    assert "Either: " in ALERTS[name]
    assert "Or: reactivate the key" in ALERTS[name]


@pytest.mark.parametrize("name", ALERTS)
def test_every_command_of_a_regional_service_names_its_region(name: str) -> None:
    regional = [line for line in commands(ALERTS[name]) if REGIONAL.search(line)]
    assert all("--region=" in line for line in regional), regional


def test_a_command_that_names_a_region_keeps_it() -> None:
    look = Remedy.of("Look", "aws cloudtrail lookup-events --region=us-west-2", "aws iam list-users")
    assert what_to_run([look], "eu-central-1") == [
        "Look:",
        "  aws cloudtrail lookup-events --region=us-west-2",
        "  aws iam list-users",
    ]


@pytest.mark.parametrize("name", ALERTS)
def test_no_command_ends_the_credentials_of_the_readers_own_shell(name: str) -> None:
    assert not any(line.startswith("unset") for line in commands(ALERTS[name]))


def test_no_command_about_an_exposed_secret_prints_it() -> None:
    body = ALERTS["malformed-key-secret"]
    assert body.count("exposed") > 0
    assert "| wc -c" in body
    assert not re.search(r"od -c|CloudTrailEvent|AccessKeyId,|debug", body)


@pytest.mark.parametrize("name", ["key-inactive", "key-deleted", "user-deleted", "deactivated-in-use"])
def test_whom_to_ask_comes_before_what_to_undo(name: str) -> None:
    first, *_ = ALERTS[name].split("WHAT TO RUN\n")[1].splitlines()
    assert re.match(r"  First ask user/\w+, who (deactivated it|deleted it|deleted the user) at ", first)


@pytest.mark.parametrize(
    "by", ["assumed-role/RetireKeysRole/function", "assumed-role/Rotator/session", "user/rotator"]
)
def test_no_program_is_asked(by: str) -> None:
    change = replace(a_change("UpdateAccessKey", status="Inactive"), by=by)
    deployment = replace(
        HOME, retirement_role="RetireKeysRole", automations=("assumed-role/Rotator/", "user/rotator")
    )
    case = a_case(evidence=an_inactive_key(history=(change,)), deployment=deployment)
    assert "First ask" not in compose_alert(a_finding(case)).body
    assert f"First ask {by}" in compose_alert(a_finding(replace(case, deployment=HOME))).body


@pytest.mark.parametrize("name", ["evidence-incomplete", "none", "consumer-is-stale", "fail-over-previous"])
def test_a_key_that_may_have_leaked_or_is_replaced_is_not_reactivated_by_pasting(
    name: str, tmp_path: Path
) -> None:
    assert ", reactivate the key" in ALERTS[name]
    assert pasted(ALERTS[name], tmp_path / "calls") == []


def test_a_deleted_key_of_a_user_that_may_be_quarantined_is_not_replaced_by_pasting(tmp_path: Path) -> None:
    case = a_case(evidence=a_deleted_key(unread=(UNREAD_POLICIES,)))
    assert pasted(compose_alert(a_finding(case)).body, tmp_path / "calls") == []


def test_an_alert_links_to_its_pages_where_they_have_an_address() -> None:
    published = replace(HOME, runbook_url="https://wiki.example.com/keys/")
    body = compose_alert(a_finding(a_case(evidence=a_deleted_key(), deployment=published))).body
    assert "see https://wiki.example.com/keys/alerts.md\n" in body
    assert "see https://wiki.example.com/keys/exemptions.md\n" in body


@pytest.mark.parametrize("page", ["alerts.md", "rotation.md", "exemptions.md"])
def test_the_named_pages_exist(page: str) -> None:
    assert (Path("docs") / page).is_file()
