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
from tests.support.ledgers import WINDOW, a_sync, a_tracker

if TYPE_CHECKING:
    from datetime import datetime

LATER = NOON + timedelta(minutes=1)


class Scenario:
    """An account with one user and one key, and a tracker of its changes."""

    def __init__(self, last_used: datetime | None = NOON) -> None:
        self.account = IamAccount()
        self.ledger, self.signals = FakeLedger(), FakeSignalQueue()
        self.account.create_user("alice", NOON - timedelta(days=100))
        self.key = self.account.create_key("alice", NOON - timedelta(days=99))
        if last_used:
            self.account.uses[self.key] = LastUse(at=last_used, service="s3", region="eu-west-1")
        self.follow()

    def follow(self, *, is_explained: bool = True) -> None:
        tracker = a_tracker(self.account, LATER, self.ledger, self.signals, is_explained=is_explained)
        for event in self.account.events:
            tracker.track(event)
        self.account.events.clear()

    def predicted(self) -> list[tuple[str, str]]:
        return [(change.event_name, change.by) for change in self.signals.predicted]


def test_the_deactivation_of_a_key_in_use_predicts_an_outage() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    assert scenario.predicted() == [("UpdateAccessKey", BY)]


@pytest.mark.parametrize("role", ["RotateKeyRole", "RetireKeysRole"])
def test_a_deactivation_by_an_own_role_predicts_no_outage(role: str) -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER, by=f"assumed-role/{role}/function")
    scenario.follow()
    assert scenario.predicted() == []
    status = scenario.ledger.entries[scenario.key].status
    assert status is not None
    assert status.value == "Inactive"


@pytest.mark.parametrize("role", ["RotateKeyRole", "RetireKeysRole"])
def test_a_reactivation_or_deletion_by_an_own_role_is_not_reported(role: str) -> None:
    by = f"assumed-role/{role}/function"
    scenario = Scenario(last_used=None)
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER, by=by)
    scenario.account.set_status("alice", scenario.key, "Active", LATER + timedelta(minutes=1), by=by)
    scenario.account.delete_key("alice", scenario.key, LATER + timedelta(minutes=2), by=by)
    scenario.follow()
    assert scenario.signals.changes == []
    assert scenario.ledger.entries[scenario.key].state == DELETED


@pytest.mark.parametrize("role", ["RotateKeyRole", "RetireKeysRole"])
def test_what_an_own_role_did_without_a_rotation_is_reported(role: str) -> None:
    scenario, by = Scenario(), f"assumed-role/{role}/thief"
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER, by=by)
    scenario.follow(is_explained=False)
    assert scenario.predicted() == [("UpdateAccessKey", by)]
    scenario.account.set_status("alice", scenario.key, "Active", LATER + timedelta(minutes=1), by=by)
    scenario.follow(is_explained=False)
    assert [change.by for change in scenario.signals.changes] == [by]


def test_a_role_with_a_longer_name_is_not_an_own_role() -> None:
    scenario = Scenario()
    by = "assumed-role/RetireKeysRoleOfSomebody/function"
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER, by=by)
    scenario.follow()
    assert scenario.predicted() == [("UpdateAccessKey", by)]


@pytest.mark.parametrize("last_used", [None, LATER - WINDOW - timedelta(seconds=1)])
def test_the_deactivation_of_a_key_not_in_use_predicts_no_outage(
    last_used: datetime | None,
) -> None:
    scenario = Scenario(last_used)
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    assert scenario.predicted() == []


def test_a_reactivation_is_reported_as_a_change_only() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Active", LATER)
    scenario.follow()
    assert scenario.predicted() == []
    assert [(change.event_name, change.by) for change in scenario.signals.changes] == [
        ("UpdateAccessKey", BY)
    ]


def test_a_deletion_predicts_an_outage_by_the_last_use_in_the_ledger() -> None:
    scenario = Scenario()
    entry = scenario.ledger.entries[scenario.key]
    scenario.ledger.merge_key(replace(entry, last_use=scenario.account.uses[scenario.key]))
    scenario.account.delete_key("alice", scenario.key, LATER)
    scenario.follow()
    assert scenario.predicted() == [("DeleteAccessKey", BY)]


def test_a_deactivation_stores_the_last_use_for_a_later_deletion() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    scenario.account.delete_key("alice", scenario.key, LATER + timedelta(seconds=5))
    scenario.follow()
    assert [name for name, _ in scenario.predicted()] == ["UpdateAccessKey", "DeleteAccessKey"]


def test_the_deletion_of_a_key_deactivated_long_before_is_reported_as_a_change_only() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    scenario.account.delete_key("alice", scenario.key, LATER + timedelta(days=2))
    scenario.follow()
    assert [name for name, _ in scenario.predicted()] == ["UpdateAccessKey"]
    assert [change.event_name for change in scenario.signals.changes] == ["DeleteAccessKey"]


def test_the_deactivation_of_an_inactive_key_is_no_news() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER + timedelta(minutes=5))
    scenario.follow()
    scenario.follow()
    assert scenario.predicted() == [("UpdateAccessKey", BY)]
    assert scenario.signals.changes == []


def test_the_repeated_record_of_a_deactivation_is_reported_again() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.account.events *= 2
    scenario.follow()
    assert scenario.predicted() == [("UpdateAccessKey", BY)] * 2


def test_a_deactivation_after_a_reactivation_predicts_an_outage_again() -> None:
    scenario = Scenario()
    for minutes, status in enumerate(("Inactive", "Active", "Inactive")):
        scenario.account.set_status("alice", scenario.key, status, LATER + timedelta(minutes=minutes))
    scenario.follow()
    assert scenario.predicted() == [("UpdateAccessKey", BY)] * 2


def test_a_use_since_the_deactivation_proves_a_reactivation_that_is_not_on_record() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    used_again = LATER + timedelta(hours=1)
    scenario.account.uses[scenario.key] = LastUse(at=used_again, service="s3", region="eu-west-1")
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER + timedelta(hours=2))
    scenario.follow()
    assert len(scenario.predicted()) == 2


def test_to_deactivate_an_old_inactive_key_once_more_and_delete_it_as_advised_is_no_news() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER + timedelta(days=3))
    scenario.account.delete_key("alice", scenario.key, LATER + timedelta(days=3, seconds=10))
    scenario.follow()
    assert [name for name, _ in scenario.predicted()] == ["UpdateAccessKey"]
    assert [change.event_name for change in scenario.signals.changes] == ["DeleteAccessKey"]


def test_so_it_is_if_only_a_sync_found_the_key_inactive() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.account.events.clear()
    for day in range(1, 4):
        synchronised(scenario, LATER + timedelta(days=day))
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER + timedelta(days=3, hours=1))
    scenario.account.delete_key("alice", scenario.key, LATER + timedelta(days=3, hours=2))
    scenario.follow()
    assert scenario.predicted() == []


def test_a_key_that_is_deleted_right_after_its_deactivation_was_in_use() -> None:
    scenario = Scenario()
    for seconds in (0, 5, 10):
        scenario.account.set_status("alice", scenario.key, "Inactive", LATER + timedelta(seconds=seconds))
        scenario.follow()
    scenario.account.delete_key("alice", scenario.key, LATER + timedelta(seconds=15))
    scenario.follow()
    assert [name for name, _ in scenario.predicted()] == ["UpdateAccessKey", "DeleteAccessKey"]


def test_the_deletion_of_a_user_predicts_outages_of_its_keys_whichever_record_is_first() -> None:
    scenario = Scenario()
    scenario.ledger.merge_key(
        replace(scenario.ledger.entries[scenario.key], last_use=scenario.account.uses[scenario.key])
    )
    scenario.account.delete_user("alice", LATER)
    scenario.account.events.reverse()
    scenario.follow()
    assert [name for name, _ in scenario.predicted()] == ["DeleteUser", "DeleteAccessKey"]


def test_a_key_counts_as_deleted_when_its_user_was_deleted() -> None:
    scenario = Scenario()
    scenario.account.delete_user("alice", LATER)
    scenario.account.events[:] = [
        event for event in scenario.account.events if event.event_name == "DeleteUser"
    ]
    scenario.follow()
    key = scenario.ledger.owner_record("alice", scenario.key).current_key
    assert key is not None
    assert key.state == DELETED
    assert key.deletion is not None
    assert (key.deletion.is_recorded, key.deletion.until) == (False, LATER)


def test_a_key_that_was_listed_later_was_not_deleted() -> None:
    missing = KeyEntry(access_key_id="AKIA", deletion=Occurrence(until=NOON))
    listed = KeyEntry(access_key_id="AKIA", last_listed_at=LATER)
    assert merge_keys(missing, listed).deletion is None
    assert merge_keys(listed, missing).deletion is None


def synchronised(scenario: Scenario, now: datetime) -> None:
    assert a_sync(scenario.account, scenario.ledger, now).synchronise(lambda: 300, only_if_due=False)


def test_syncs_keep_who_deactivated_a_key_and_when() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    for day in range(1, 4):
        synchronised(scenario, LATER + timedelta(days=day))
    status = scenario.ledger.entries[scenario.key].status
    assert status is not None
    assert (status.at, status.by) == (LATER, BY)


def test_the_deletion_of_a_key_deactivated_before_several_syncs_predicts_no_outage() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.follow()
    for day in range(1, 5):
        synchronised(scenario, LATER + timedelta(days=day))
    scenario.account.delete_key("alice", scenario.key, LATER + timedelta(days=4, hours=1))
    scenario.follow()
    assert [name for name, _ in scenario.predicted()] == ["UpdateAccessKey"]


def test_a_listing_overrides_an_older_record_without_an_actor() -> None:
    scenario = Scenario()
    scenario.account.set_status("alice", scenario.key, "Inactive", LATER)
    scenario.account.events.clear()
    synchronised(scenario, LATER + timedelta(days=1))
    entry = scenario.ledger.entries[scenario.key]
    assert entry.state == "Inactive"
    assert entry.status is not None
    assert entry.status.by == ""


def test_a_user_whose_renaming_was_not_recorded_does_not_count_as_deleted() -> None:
    scenario = Scenario()
    deleted = scenario.account.create_key("alice", NOON)
    scenario.follow()
    scenario.account.delete_key("alice", deleted, LATER)
    scenario.follow()
    scenario.account.rename("alice", "bob", LATER + timedelta(hours=1))
    scenario.account.events.clear()
    synchronised(scenario, LATER + timedelta(days=1))
    user = scenario.ledger.users["alice"]
    assert (user.deletions, [it.value for it in user.renamings]) == ((), ["bob"])
    assert {entry.owner for entry in scenario.ledger.entries.values()} == {"bob"}


def test_the_entry_of_a_name_that_is_reused_often_stays_small() -> None:
    scenario = Scenario()
    for day in range(80):
        at = LATER + timedelta(days=day)
        scenario.account.delete_user("alice", at)
        scenario.account.create_user("alice", at + timedelta(hours=1))
        scenario.follow()
    user = scenario.ledger.users["alice"]
    assert len(user.deletions) == 50
    assert user.exists
    assert user.deletions[-1].until == LATER + timedelta(days=79)
