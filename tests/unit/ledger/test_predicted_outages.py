from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.domain.iam import LastUse
from lambdas.ledger.domain.key_entry import DELETED, KeyEntry, merge_keys
from lambdas.ledger.domain.occurrence import Occurrence
from tests.support.builders import NOON
from tests.support.fakes import FakeLedger, FakeSignalQueue
from tests.support.iam_account import BY, IamAccount
from tests.support.ledgers import WINDOW, a_synchroniser, a_tracker

if TYPE_CHECKING:
    from datetime import datetime

LATER = NOON + timedelta(minutes=1)


class Stage:
    """An account with one user and one key, and a tracker that follows it."""

    def __init__(self, last_used: datetime | None = NOON) -> None:
        self.account = IamAccount()
        self.ledger, self.signals = FakeLedger(), FakeSignalQueue()
        self.account.create_user("alice", NOON - timedelta(days=100))
        self.key = self.account.create_key("alice", NOON - timedelta(days=99))
        if last_used:
            self.account.uses[self.key] = LastUse(at=last_used, service="s3", region="eu-west-1")
        self.follow()

    def follow(self) -> None:
        tracker = a_tracker(self.account, LATER, self.ledger, self.signals)
        for event in self.account.events:
            tracker.track(event)
        self.account.events.clear()

    def foretold(self) -> list[tuple[str, str]]:
        return [(off.event_name, off.by) for off in self.signals.foretold]


def test_the_deactivation_of_a_key_in_use_is_foretold() -> None:
    stage = Stage()
    stage.account.switch("alice", stage.key, "Inactive", LATER)
    stage.follow()
    assert stage.foretold() == [("UpdateAccessKey", BY)]


@pytest.mark.parametrize("role", ["RotateKeyRole", "RetireKeysRole"])
def test_what_our_own_roles_switch_off_is_not_foretold(role: str) -> None:
    stage = Stage()
    stage.account.switch("alice", stage.key, "Inactive", LATER, by=f"assumed-role/{role}/function")
    stage.follow()
    assert stage.foretold() == []
    status = stage.ledger.entries[stage.key].status
    assert status is not None
    assert status.value == "Inactive"


@pytest.mark.parametrize("role", ["RotateKeyRole", "RetireKeysRole"])
def test_what_our_own_roles_give_back_or_delete_is_not_told_to_an_incident(role: str) -> None:
    by = f"assumed-role/{role}/function"
    stage = Stage(last_used=None)
    stage.account.switch("alice", stage.key, "Inactive", LATER, by=by)
    stage.account.switch("alice", stage.key, "Active", LATER + timedelta(minutes=1), by=by)
    stage.account.delete_key("alice", stage.key, LATER + timedelta(minutes=2), by=by)
    stage.follow()
    assert stage.signals.changes == []
    assert stage.ledger.entries[stage.key].state == DELETED


def test_a_role_of_another_name_is_not_our_own() -> None:
    stage = Stage()
    by = "assumed-role/RetireKeysRoleOfSomebody/function"
    stage.account.switch("alice", stage.key, "Inactive", LATER, by=by)
    stage.follow()
    assert stage.foretold() == [("UpdateAccessKey", by)]


@pytest.mark.parametrize("last_used", [None, LATER - WINDOW - timedelta(seconds=1)])
def test_the_deactivation_of_a_key_that_was_not_used_lately_is_not_foretold(
    last_used: datetime | None,
) -> None:
    stage = Stage(last_used)
    stage.account.switch("alice", stage.key, "Inactive", LATER)
    stage.follow()
    assert stage.foretold() == []


def test_the_reactivation_of_a_key_is_not_foretold_but_told_to_its_incident() -> None:
    stage = Stage()
    stage.account.switch("alice", stage.key, "Active", LATER)
    stage.follow()
    assert stage.foretold() == []
    assert [(change.event_name, change.by) for change in stage.signals.changes] == [("UpdateAccessKey", BY)]


def test_a_deletion_is_foretold_by_the_last_use_that_the_ledger_had() -> None:
    stage = Stage()
    entry = stage.ledger.entries[stage.key]
    stage.ledger.merge_key(replace(entry, last_use=stage.account.uses[stage.key]))
    stage.account.delete_key("alice", stage.key, LATER)
    stage.follow()
    assert stage.foretold() == [("DeleteAccessKey", BY)]


def test_a_deactivation_leaves_its_last_use_in_the_ledger_for_the_deletion_that_follows() -> None:
    stage = Stage()
    stage.account.switch("alice", stage.key, "Inactive", LATER)
    stage.follow()
    stage.account.delete_key("alice", stage.key, LATER + timedelta(seconds=5))
    stage.follow()
    assert [name for name, _ in stage.foretold()] == ["UpdateAccessKey", "DeleteAccessKey"]


def test_the_deletion_of_a_key_that_had_been_off_for_long_is_not_foretold_but_told_to_its_incident() -> None:
    stage = Stage()
    stage.account.switch("alice", stage.key, "Inactive", LATER)
    stage.follow()
    stage.account.delete_key("alice", stage.key, LATER + timedelta(days=2))
    stage.follow()
    assert [name for name, _ in stage.foretold()] == ["UpdateAccessKey"]
    assert [change.event_name for change in stage.signals.changes] == ["DeleteAccessKey"]


def test_the_deletion_of_a_user_is_foretold_for_its_keys_whichever_record_comes_first() -> None:
    stage = Stage()
    stage.ledger.merge_key(replace(stage.ledger.entries[stage.key], last_use=stage.account.uses[stage.key]))
    stage.account.delete_user("alice", LATER)
    stage.account.events.reverse()
    stage.follow()
    assert [name for name, _ in stage.foretold()] == ["DeleteUser", "DeleteAccessKey"]


def test_a_key_is_dead_by_its_users_deletion_before_its_own_record_comes() -> None:
    stage = Stage()
    stage.account.delete_user("alice", LATER)
    stage.account.events[:] = [event for event in stage.account.events if event.event_name == "DeleteUser"]
    stage.follow()
    key = stage.ledger.owner_record("alice").key(stage.key)
    assert key is not None
    assert key.state == DELETED
    assert key.deletion is not None
    assert (key.deletion.is_recorded, key.deletion.until) == (False, LATER)


def test_a_key_listed_since_was_not_deleted_when_a_listing_lacked_it() -> None:
    lacked = KeyEntry(access_key_id="AKIA", deletion=Occurrence(until=NOON))
    listed = KeyEntry(access_key_id="AKIA", last_listed_at=LATER)
    assert merge_keys(lacked, listed).deletion is None
    assert merge_keys(listed, lacked).deletion is None


def synchronised(stage: Stage, now: datetime) -> None:
    assert a_synchroniser(stage.account, stage.ledger, now).synchronise(lambda: 300, only_if_due=False)


def test_syncs_leave_it_known_who_deactivated_a_key_and_since_when() -> None:
    stage = Stage()
    stage.account.switch("alice", stage.key, "Inactive", LATER)
    stage.follow()
    for day in range(1, 4):
        synchronised(stage, LATER + timedelta(days=day))
    status = stage.ledger.entries[stage.key].status
    assert status is not None
    assert (status.at, status.by) == (LATER, BY)


def test_the_deletion_of_a_key_that_was_off_over_some_syncs_is_not_foretold() -> None:
    stage = Stage()
    stage.account.switch("alice", stage.key, "Inactive", LATER)
    stage.follow()
    for day in range(1, 5):
        synchronised(stage, LATER + timedelta(days=day))
    stage.account.delete_key("alice", stage.key, LATER + timedelta(days=4, hours=1))
    stage.follow()
    assert [name for name, _ in stage.foretold()] == ["UpdateAccessKey"]


def test_a_listing_that_contradicts_an_older_record_is_believed_without_a_name() -> None:
    stage = Stage()
    stage.account.switch("alice", stage.key, "Inactive", LATER)
    stage.account.events.clear()
    synchronised(stage, LATER + timedelta(days=1))
    entry = stage.ledger.entries[stage.key]
    assert entry.state == "Inactive"
    assert entry.status is not None
    assert entry.status.by == ""


def test_a_user_who_was_renamed_without_a_record_is_not_taken_for_deleted() -> None:
    stage = Stage()
    dead = stage.account.create_key("alice", NOON)
    stage.follow()
    stage.account.delete_key("alice", dead, LATER)
    stage.follow()
    stage.account.rename("alice", "bob", LATER + timedelta(hours=1))
    stage.account.events.clear()
    synchronised(stage, LATER + timedelta(days=1))
    user = stage.ledger.users["alice"]
    assert (user.deletions, [it.value for it in user.renamings]) == ((), ["bob"])
    assert {entry.owner for entry in stage.ledger.entries.values()} == {"bob"}


def test_a_name_that_is_given_again_and_again_keeps_its_entry_small() -> None:
    stage = Stage()
    for day in range(80):
        at = LATER + timedelta(days=day)
        stage.account.delete_user("alice", at)
        stage.account.create_user("alice", at + timedelta(hours=1))
        stage.follow()
    user = stage.ledger.users["alice"]
    assert len(user.deletions) == 50
    assert user.exists
    assert user.deletions[-1].until == LATER + timedelta(days=79)
