"""The permissions of the functions that keep the ledger, taken away one by one: never a wrong entry, always
an alarm.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from local.demo.application import Application, new_application
from local.demo.enrolment import claim
from local.demo.predictions import delete_user
from local.demo.scenarios import working
from tests.e2e.denial import (
    DeployedFunction,
    alarmed_if_repeated,
    failed_records,
    failed_records_alarm_if_repeated,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.deployment import Deployment

OWN_LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
NOT_ASKED_BY_THE_EMULATOR = {"kms:Decrypt"}  # for a table


def switch_off_and_on(application: Application) -> None:
    """Within one second, so that records contradict each other and IAM is asked how it ended."""
    time.sleep(1 - time.time() % 1)
    application.deactivate_key()
    application.reactivate_key()


def rename(application: Application) -> None:
    iam = application.aws.session().client("iam")
    iam.update_user(UserName=application.user_name, NewUserName=f"{application.user_name}-new")


TRACKED = {
    "iam:GetAccessKeyLastUsed": Application.deactivate_key,
    "iam:ListAccessKeys": switch_off_and_on,
    "iam:GetUser": rename,
    "dynamodb:GetItem": Application.deactivate_key,
    "dynamodb:PutItem": Application.deactivate_key,
    "dynamodb:Query": delete_user,
    "sqs:SendMessage": Application.deactivate_key,
}
SYNCED = (
    "iam:GetAccessKeyLastUsed",
    "iam:GetAccountAuthorizationDetails",
    "iam:ListAccessKeys",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "sqs:SendMessage",
)
# By the trigger, which the emulator asks before each batch.
FOR_THE_TRIGGER = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ChangeMessageVisibility",
}


@pytest.fixture
def track_keys(deployment: Deployment) -> Iterator[DeployedFunction]:
    function = DeployedFunction(deployment, deployment.outputs["TrackKeysFunctionName"])
    yield function
    function.restore()


@pytest.fixture
def sync_keys(deployment: Deployment) -> Iterator[DeployedFunction]:
    function = DeployedFunction(deployment, deployment.outputs["SyncKeysFunctionName"])
    yield function
    function.restore()


def test_every_permission_is_one_of_those_taken_away_here(
    track_keys: DeployedFunction, sync_keys: DeployedFunction
) -> None:
    shared = OWN_LOGS | NOT_ASKED_BY_THE_EMULATOR
    assert track_keys.granted() - shared - FOR_THE_TRIGGER == set(TRACKED)
    assert sync_keys.granted() - shared == set(SYNCED)


@pytest.mark.parametrize(("action", "changes"), TRACKED.items(), ids=TRACKED)
def test_without_a_permission_of_the_tracker_there_is_an_alarm_and_no_tombstone(
    deployment: Deployment, track_keys: DeployedFunction, action: str, changes: Callable[[Application], None]
) -> None:
    bystander, application = new_application(deployment.aws, "bystander"), working(deployment.aws)
    for one in (bystander, application):
        deployment.ledger.await_entry(one.access_key_id, lambda entry: "createdBy" in entry)
    before = failed_records(deployment)
    track_keys.deny(action)
    changes(application)
    assert wait_until(lambda: failed_records(deployment) > before)
    assert failed_records_alarm_if_repeated(deployment)
    assert deployment.ledger.entry(bystander.access_key_id)["state"] == "Active"
    if changes is not delete_user:
        assert "deletion" not in deployment.ledger.entry(application.access_key_id)


@pytest.mark.parametrize("action", SYNCED)
def test_without_a_permission_of_the_sync_there_is_an_alarm_and_no_tombstone(
    deployment: Deployment, sync_keys: DeployedFunction, action: str
) -> None:
    application = new_application(deployment.aws, "app")
    key = application.access_key_id
    deployment.ledger.await_entry(key, lambda entry: "createdBy" in entry)
    if action == "sqs:SendMessage":
        claim(deployment.aws, application.user_name, f"access-keys/{application.user_name}", "notify")
    before = sync_keys.errors()
    sync_keys.deny(action)
    assert "Error" in deployment.ledger.synchronise()
    assert wait_until(lambda: sync_keys.errors() > before)
    assert alarmed_if_repeated(deployment, "Errors", {"FunctionName": sync_keys.name})
    assert deployment.ledger.entry(key)["state"] == "Active"
    sync_keys.restore()
    assert deployment.ledger.synchronise() == "", "a failed run keeps the next one away"
    assert "lastListedAt" in deployment.ledger.entry(key)
