"""The ledger under enforced IAM: fed by genuine calls and by the sync, it names owners that IAM forgot."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from local.demo.application import Application, new_application
from local.demo.scenarios import deactivated, deleted, mistyped, of_a_deleted_user
from local.emulator.settings import UNRECORDED
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deployment import Deployment
    from local.inbox import Received
    from local.ledger import Entry

A_WHILE = timedelta(minutes=5)
TIMES = ("at", "createdAt", "lastListedAt", "tagsAsOf")


def iam_of(deployment: Deployment, *, recorded: bool = True) -> Any:
    config = None if recorded else Config(user_agent_extra=UNRECORDED)
    return deployment.aws.session().client("iam", config=config)


def alert_after_a_call(deployment: Deployment, application: Application) -> Received:
    application.call("sts", "get_caller_identity")
    key = application.access_key_id
    alert = deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    assert alert is not None
    return alert


def a_while_ago(entry: Any) -> Any:
    """Moves all times of the entry back, because listings of IAM only count a minute later."""
    if not isinstance(entry, dict):
        return entry
    return {
        name: (datetime.fromisoformat(value) - A_WHILE).isoformat() if name in TIMES else a_while_ago(value)
        for name, value in entry.items()
    }


def test_the_sync_enters_users_and_keys_that_are_in_no_record_with_their_tags(
    deployment: Deployment,
) -> None:
    iam, name = iam_of(deployment, recorded=False), "made-before-the-stack"
    iam.create_user(UserName=name, Path="/apps/", Tags=[{"Key": CONTACT_TAG, "Value": "team@example.com"}])
    keys = [iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"] for _ in range(2)]
    iam.update_access_key(UserName=name, AccessKeyId=keys[1], Status="Inactive")
    assert deployment.ledger.synchronise() == ""
    states = [(entry["ownerName"], entry["state"]) for entry in map(deployment.ledger.entry, keys)]
    assert states == [(name, "Active"), (name, "Inactive")]
    user = deployment.ledger.user(name)
    assert (user["path"]["value"], user["tags"][CONTACT_TAG]["value"]) == ("/apps/", "team@example.com")


def test_a_key_that_was_deleted_without_a_record_is_a_tombstone_between_two_moments(
    deployment: Deployment,
) -> None:
    application = new_application(deployment.aws, "app")
    key = application.access_key_id
    deployment.ledger.await_entry(key, lambda entry: "createdBy" in entry)
    assert deployment.ledger.synchronise() == ""
    deployment.ledger.put(a_while_ago(deployment.ledger.entry(key)))
    iam_of(deployment, recorded=False).delete_access_key(UserName=application.user_name, AccessKeyId=key)
    assert deployment.ledger.synchronise() == ""
    entry = deployment.ledger.entry(key)
    assert entry["state"] == "Deleted"
    assert entry["deletion"]["after"] < entry["deletion"]["until"]
    assert "by" not in entry["deletion"]
    alert = alert_after_a_call(deployment, application)
    assert (alert.attributes["cause"], alert.attributes["owner"]) == ("key-deleted", application.user_name)
    assert "Somebody deleted it between 20" in alert.body


def test_a_user_that_was_deleted_without_a_record_is_found_gone(deployment: Deployment) -> None:
    application = new_application(deployment.aws, "app")
    name, iam = application.user_name, iam_of(deployment, recorded=False)
    deployment.ledger.await_user(name, lambda entry: "tagsAsOf" in entry)
    assert deployment.ledger.synchronise() == ""
    for identifier in (f"user:{name}", application.access_key_id):
        deployment.ledger.put(a_while_ago(deployment.ledger.entry(identifier)))
    iam.delete_access_key(UserName=name, AccessKeyId=application.access_key_id)
    iam.detach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.delete_user(UserName=name)
    assert deployment.ledger.synchronise() == ""
    [deletion] = deployment.ledger.user(name)["deletions"]
    assert "by" not in deletion
    assert alert_after_a_call(deployment, application).attributes["cause"] == "user-deleted"


def test_what_is_done_to_a_key_is_in_the_ledger_within_seconds(deployment: Deployment) -> None:
    application = new_application(deployment.aws, "app")
    key = application.access_key_id

    def is_now(state: str) -> Entry:
        entry = deployment.ledger.await_entry(key, lambda entry: entry.get("state") == state)
        assert entry.get("state") == state
        return entry

    created = is_now("Active")
    assert (created["ownerName"], created["createdBy"]) == (application.user_name, "user/administrator")
    application.deactivate_key()
    assert is_now("Inactive")["recordedStatus"]["by"] == "user/administrator"
    application.delete_key()
    assert is_now("Deleted")["deletion"]["by"] == "user/administrator"


def test_a_key_that_its_own_user_manages_is_that_users(deployment: Deployment) -> None:
    application = new_application(deployment.aws, "self-managed")
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam_of(deployment).attach_user_policy(UserName=application.user_name, PolicyArn=administrator)
    pair = application.access_key_id, application.secret_access_key
    own: Any = deployment.aws.session(pair).client("iam")
    key = own.create_access_key()["AccessKey"]["AccessKeyId"]
    time.sleep(1.1)  # within one second, IAM settles what two records say, and does not know who did it
    own.update_access_key(AccessKeyId=key, Status="Inactive")
    entry = deployment.ledger.await_entry(key, lambda it: it.get("state") == "Inactive" and "createdBy" in it)
    assert entry["ownerName"] == application.user_name
    assert entry["createdBy"] == entry["recordedStatus"]["by"] == f"user/{application.user_name}"


def test_tags_come_and_go_and_a_renamed_user_keeps_its_keys(deployment: Deployment) -> None:
    application, iam = new_application(deployment.aws, "app"), iam_of(deployment)
    name, key, new_name = application.user_name, application.access_key_id, f"{application.user_name}-new"
    iam.tag_user(UserName=name, Tags=[{"Key": CONTACT_TAG, "Value": "blue@example.com"}])
    entry = deployment.ledger.await_user(name, lambda entry: CONTACT_TAG in entry.get("tags", {}))
    assert entry["tags"][CONTACT_TAG]["value"] == "blue@example.com"
    iam.update_user(UserName=name, NewUserName=new_name)
    assert (
        deployment.ledger.await_entry(key, lambda entry: entry["ownerName"] == new_name)["ownerName"]
        == new_name
    )
    iam.untag_user(UserName=new_name, TagKeys=[CONTACT_TAG])
    untagged = deployment.ledger.await_user(new_name, lambda entry: not contact_of(entry))
    assert untagged["tags"][CONTACT_TAG]["value"] is None
    application = replace(application, user_name=new_name)
    application.delete_key()
    assert deployment.ledger.await_entry(key, lambda entry: "deletion" in entry)["state"] == "Deleted"
    assert alert_after_a_call(deployment, application).attributes["owner"] == new_name


def contact_of(entry: Entry) -> object:
    return entry.get("tags", {}).get(CONTACT_TAG, {"value": "not known yet"})["value"]


def test_a_deleted_users_alert_names_who_deleted_it_and_its_tags(deployment: Deployment) -> None:
    iam = iam_of(deployment)

    def tagged_first(aws: Any) -> Application:
        application = deleted(aws)
        iam.tag_user(UserName=application.user_name, Tags=[{"Key": CONTACT_TAG, "Value": "blue@example.com"}])
        application.delete_user()
        return application

    application = tagged_first(deployment.aws)
    deployment.ledger.await_user(application.user_name, lambda entry: "deletions" in entry)
    alert = alert_after_a_call(deployment, application)
    assert (alert.attributes["cause"], alert.attributes["owner"]) == ("user-deleted", application.user_name)
    assert "user/administrator deleted the user at 20" in alert.body
    assert "contact=blue" in alert.body


def test_a_users_deletion_is_reported_even_in_the_second_in_which_its_key_was_deleted(
    deployment: Deployment,
) -> None:
    application = of_a_deleted_user(deployment.aws)
    deployment.ledger.await_user(application.user_name, lambda entry: "deletions" in entry)
    assert "user/administrator deleted the user at 20" in alert_after_a_call(deployment, application).body


@pytest.mark.parametrize(
    "mistype",
    [
        lambda key: key[:10] + key[11] + key[10] + key[12:] if key[10] != key[11] else key[1:],
        lambda key: key[:-1],
        lambda key: key[:5] + key[4:],
    ],
    ids=["swapped", "lost", "doubled"],
)
def test_a_mistyped_id_leads_to_its_owner_and_shows_no_more_of_the_real_one_than_its_ends(
    deployment: Deployment, mistype: Callable[[str], str]
) -> None:
    application = new_application(deployment.aws, "app")
    key = application.access_key_id
    deployment.ledger.await_entry(key, lambda entry: "createdBy" in entry)
    slipped = replace(application, access_key_id=mistype(key))
    slipped.call("sts", "get_caller_identity")
    alert = deployment.alerts.wait_for(
        lambda received: application.user_name in received.body, TIMEOUT_SECONDS
    )
    assert alert is not None
    assert alert.attributes["cause"] == "mistyped-key"
    assert f"{key[:4]}...{key[-4:]}, a key of {application.user_name}" in alert.body
    assert key not in alert.subject + alert.body + str(deployment.incidents_of(slipped.incident_key))


def test_a_wrong_character_is_no_other_cause_once_the_ledger_has_the_key(deployment: Deployment) -> None:
    application = mistyped(deployment.aws)
    deployment.ledger.await_user(application.user_name, lambda entry: "tagsAsOf" in entry)
    assert alert_after_a_call(deployment, application).attributes["cause"] == "mistyped-key"


def test_the_owners_contact_and_description_of_the_key_are_in_the_alert(deployment: Deployment) -> None:
    """The IAM console keeps a description as a tag whose name is the key's id."""
    application = deactivated(deployment.aws)
    tags = {CONTACT_TAG: "team@example.com", application.access_key_id: "nightly export"}
    listed = [{"Key": name, "Value": value} for name, value in tags.items()]
    iam_of(deployment).tag_user(UserName=application.user_name, Tags=listed)
    deployment.ledger.await_user(application.user_name, lambda entry: CONTACT_TAG in entry.get("tags", {}))
    alert = alert_after_a_call(deployment, application)
    assert alert.attributes["contact"] == "team@example.com"
    assert "The owner describes it as: nightly export." in alert.body
