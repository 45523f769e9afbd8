"""The commands of docs/uninstall.md, run as they are written: a deployment is removed, put back and moved.

Each test is one story, because each step needs the deployment that the step before has left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.cdk import install_cli
from local.demo.enrolment import enrol_new_user
from local.emulator.process import start
from tests.docs.pages import rows
from tests.e2e.denial import wait_until
from tests.e2e.uninstall import (
    COMMANDS,
    MAIN,
    NEW,
    PAGE,
    THIRD,
    Administrator,
    assert_adopted_and_rotating,
    assert_keys_work,
    assert_replaced_keys_are_retired,
    copy_of_the_project,
    described,
    has_stack,
    in_present_deployment,
    retained,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.demo.enrolment import EnrolledUser

Users = list["EnrolledUser"]
# A story deploys and removes several times, which takes minutes on a busy machine.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def administrator(tmp_path: Path, aws_cli: Path) -> Iterator[Administrator]:
    install_cli()
    aws = start(tmp_path / "aws").in_region(MAIN)
    try:
        yield Administrator(aws, copy_of_the_project(tmp_path / "project"), aws_cli)
    finally:
        aws.stop()


@pytest.fixture
def users(administrator: Administrator) -> Users:
    """One for each mode that rotates, in the first deployment."""
    administrator.run_text("make deploy")
    deployment = administrator.deployment()
    return [enrol_new_user(deployment, mode, f"user-{mode}") for mode in ("auto", "approve")]


def test_a_deployment_that_was_removed_without_a_release_is_adopted_and_its_users_rotate(
    administrator: Administrator, users: Users
) -> None:
    the_list_names_the_key_of_each_secret(administrator, users)
    a_region_loses_its_stack(administrator)
    before = retained(administrator)
    administrator.cdk("destroy --all --force")
    assert not any(has_stack(administrator, region) for region in (MAIN, "us-east-1"))
    assert_keys_work(users)
    assert [described(it)["RotationEnabled"] for it in users] == [True, True]
    said = administrator.run("Reinstall")
    assert f"account {administrator.aws.account}, region {MAIN}" in said
    assert retained(administrator) == before
    assert_adopted_and_rotating(administrator, users)
    administrator.run("Remove the deployment", 1)
    assert [described(it)["RotationEnabled"] for it in users] == [False, False]


def test_a_released_deployment_is_adopted_and_moved_and_its_users_rotate(
    administrator: Administrator, users: Users
) -> None:
    a_removal_before_the_release_is_refused(administrator, users)
    assert_adopted_and_rotating(administrator, users)
    a_dry_run_changes_nothing(administrator, users)
    a_release_ends_rotations_and_changes_no_key(administrator, users)
    what_the_page_lists_stays(administrator)
    assert_keys_work(users)
    administrator.run("Reinstall")
    assert_replaced_keys_are_retired(administrator, users)
    assert_adopted_and_rotating(administrator, users)
    assert_replaced_keys_are_retired(administrator, users)
    the_deployment_moves(administrator, users)


def the_list_names_the_key_of_each_secret(administrator: Administrator, users: Users) -> None:
    key = administrator.deployment().outputs["ManagedSecretKeyArn"]
    listed = administrator.run("What must not be deleted").splitlines()
    assert sorted(listed) == sorted(f"{it.secret}\t{key}" for it in users)


def a_region_loses_its_stack(administrator: Administrator) -> None:
    administrator.run("Remove a monitored region", REGION=THIRD)
    assert wait_until(lambda: not has_stack(administrator, THIRD))
    assert has_stack(administrator, MAIN)


def a_removal_before_the_release_is_refused(administrator: Administrator, users: Users) -> None:
    said = administrator.refused("make destroy")
    assert f"account {administrator.aws.account}, region {MAIN}" in said
    assert all(it.secret in said for it in users)
    assert has_stack(administrator, MAIN)


def a_dry_run_changes_nothing(administrator: Administrator, users: Users) -> None:
    before = [described(it) for it in users]
    said = administrator.run("Release the enrolled users")
    assert f"account {administrator.aws.account}, region {MAIN}" in said
    assert all(it.secret in said and f"replaced in {it.secret}" in said for it in users)
    assert [described(it) for it in users] == before


def a_release_ends_rotations_and_changes_no_key(administrator: Administrator, users: Users) -> None:
    keys = [it.keys() for it in users]
    administrator.run("Release the enrolled users", 1)
    administrator.invoke("SyncKeysFunctionName")
    assert [described(it)["RotationEnabled"] for it in users] == [False, False]
    assert [it.keys() for it in users] == keys
    name = administrator.deployment().outputs["KillSwitchParameter"]
    assert administrator.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == "on"


def what_the_page_lists_stays(administrator: Administrator) -> None:
    before = retained(administrator)
    administrator.run("Remove the deployment")
    assert not any(has_stack(administrator, region) for region in (MAIN, THIRD, "us-east-1"))
    assert len(rows(PAGE["What stays"])) == len(before)
    tables = administrator.client("dynamodb").list_tables()["TableNames"]
    assert sorted(tables) == sorted(name for output, name in before.items() if output.endswith("TableName"))
    key = administrator.client("kms").describe_key(KeyId=before["ManagedSecretKeyArn"])["KeyMetadata"]
    assert key["KeyState"] == "Enabled"


def the_deployment_moves(administrator: Administrator, users: Users) -> None:
    administrator.run("Release the enrolled users", 1)
    administrator.run("Remove the deployment")
    for it in users:
        for block in (0, 1):
            administrator.run("Move to another region", block, USER_NAME=it.user_name, NEW_REGION=NEW)
    moved = Administrator(administrator.aws.in_region(NEW), administrator.project, administrator.aws_cli)
    moved.run_text("make deploy")
    moved.invoke("SyncKeysFunctionName")
    key = moved.deployment().outputs["ManagedSecretKeyArn"]
    for it in in_present_deployment(moved, users):
        assert "RotationLambdaARN" not in described(it), "a key that AWS manages encrypts it"
        moved.run("Reinstall", 1, USER_NAME=it.user_name, ManagedSecretKeyArn=key)
        assert described(it)["KmsKeyId"] == key
    assert_adopted_and_rotating(moved, users)
    assert_replaced_keys_are_retired(moved, in_present_deployment(moved, users))


def test_every_command_of_the_page_is_run_here() -> None:
    assert {title: len(blocks) for title, blocks in COMMANDS.items() if blocks} == {
        "What must not be deleted": 1,
        "Release the enrolled users": 2,
        "Remove the deployment": 2,
        "Reinstall": 2,
        "Move to another region": 2,
        "Remove a monitored region": 1,
    }
