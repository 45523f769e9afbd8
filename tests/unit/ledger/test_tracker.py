"""The tracker over records in the shapes that the real ones at hand lack, and what it warns of."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.aws.domain.iam import ROOT, LastUse, ListedKey
from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.key_state_change import SUFFICIENT_WAIT
from tests.support.builders import NOON, an_event
from tests.support.fakes import FakeLedger, FakeSignalQueue
from tests.support.iam_account import IamAccount
from tests.support.iam_records import (
    ADMIN,
    BOB,
    KEY,
    LIMIT_EXCEEDED,
    ROOT_USER,
    created_key,
    created_user,
    deleted_key,
    on_alice,
    updated_key,
)
from tests.support.ledgers import WINDOW, a_tracker

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lambdas.aws.domain.iam_events import IamEvent
    from lambdas.ledger.domain.key_state_change import KeyStateChange


def at(minute: int, record: dict[str, Any]) -> dict[str, Any]:
    return record | {"eventTime": f"2026-03-14T12:{minute:02}:00Z"}


def events(records: Iterable[dict[str, Any]]) -> list[IamEvent]:
    return [event for record in records if (event := parse_iam_event(an_event(record)))]


def key_after(records: Iterable[dict[str, Any]]) -> tuple[str, str, str, str]:
    """The key's owner, state, creator and deleter in the ledger after the records."""
    ledger = FakeLedger()
    tracker = a_tracker(IamAccount(), NOON, ledger)
    for event in events(records):
        tracker.track(event)
    entry = ledger.entries[KEY]
    deleted_by = entry.deletion.by or "" if entry.deletion else ""
    return entry.owner, entry.state, entry.created_by, deleted_by


@pytest.mark.parametrize(
    ("records", "result"),
    [
        pytest.param(
            [at(0, created_key(ADMIN)), at(1, updated_key()), at(2, LIMIT_EXCEEDED)],
            ("alice", "Inactive", "assumed-role/Admin/carol", ""),
            id="deactivated by another",
        ),
        pytest.param(
            [at(0, created_key()), at(1, updated_key()), at(2, updated_key(status="Active"))],
            ("alice", "Active", "user/staff/bob", ""),
            id="deactivated and activated again",
        ),
        pytest.param(
            [at(0, created_key()), at(1, updated_key(status="Expired"))],
            ("alice", "Expired", "user/staff/bob", ""),
            id="expired",
        ),
        pytest.param(
            [
                at(0, created_key(BOB, named=False, answers_to="bob")),
                at(1, updated_key(BOB, named=False)),
                at(2, deleted_key(BOB, named=False)),
            ],
            ("bob", "Deleted", "user/staff/bob", "user/staff/bob"),
            id="self-managed",
        ),
        pytest.param(
            [
                at(0, created_key(ROOT_USER, named=False, answers_to="Root")),
                at(1, updated_key(ROOT_USER, named=False)),
                at(2, deleted_key(ROOT_USER, named=False)),
            ],
            (ROOT, "Deleted", "root", "root"),
            id="root's own",
        ),
        pytest.param(
            [at(0, created_key()), at(1, on_alice("UpdateUser", newUserName="eve"))],
            ("eve", "Active", "user/staff/bob", ""),
            id="its owner renamed",
        ),
        pytest.param(
            [at(0, created_key()), at(1, on_alice("UpdateUser", newPath="/x/"))],
            ("alice", "Active", "user/staff/bob", ""),
            id="its owner moved to another path",
        ),
    ],
)
def test_each_kind_of_record_produces_the_same_entry_in_any_order_and_repetition(
    records: list[dict[str, Any]], result: tuple[str, str, str, str]
) -> None:
    for order in itertools.permutations(records):
        assert key_after(order) == result
        assert key_after([*order, *order]) == result


def a_use(ago: timedelta) -> LastUse:
    return LastUse(at=NOON - ago, service="s3", region="eu-central-1")


def an_account(use: LastUse | None) -> IamAccount:
    account = IamAccount(
        keys={"alice": {KEY: ListedKey(access_key_id=KEY, status="Active", created_at=NOON)}}
    )
    account.uses = {KEY: use} if use else {}
    return account


def predicted(account: IamAccount, ledger: FakeLedger, *records: dict[str, Any]) -> list[KeyStateChange]:
    signals = FakeSignalQueue()
    tracker = a_tracker(account, NOON, ledger, signals)
    for event in events(records):
        tracker.track(event)
    return signals.predicted


@pytest.mark.parametrize(
    ("ago", "warned"),
    [
        (timedelta(0), True),
        (WINDOW, True),
        (WINDOW + timedelta(seconds=1), False),
        (-timedelta(minutes=5), True),  # the last calls; IAM truncates last uses to a quarter of an hour
    ],
)
def test_a_deactivation_predicts_an_outage_if_the_key_was_used_within_the_window(
    ago: timedelta, *, warned: bool
) -> None:
    ledger = FakeLedger()
    changes = predicted(an_account(a_use(ago)), ledger, updated_key())
    assert [(it.access_key_id, it.event_name, it.by, it.user_name) for it in changes] == (
        [(KEY, "UpdateAccessKey", "user/staff/bob", "alice")] if warned else []
    )
    assert ledger.entries[KEY].last_use == a_use(ago), "it is needed once the key is deleted"


def test_no_outage_is_predicted_for_an_unused_key_a_reactivation_or_a_creation() -> None:
    assert predicted(an_account(None), FakeLedger(), updated_key()) == []
    used = an_account(a_use(timedelta(hours=1)))
    assert predicted(used, FakeLedger(), created_key(), updated_key(status="Active"), created_user()) == []


def a_ledger_with(entry: KeyEntry) -> FakeLedger:
    ledger = FakeLedger()
    ledger.merge_key(entry)
    return ledger


USED = KeyEntry(access_key_id=KEY, last_use=a_use(timedelta(hours=1)))


def test_a_deletion_predicts_an_outage_without_asking_iam() -> None:
    account = IamAccount()
    changes = predicted(account, a_ledger_with(USED), deleted_key())
    assert [it.event_name for it in changes] == ["DeleteAccessKey"]
    assert account.calls == []


def test_the_deletion_of_a_user_predicts_an_outage_of_each_key_in_use() -> None:
    changes = predicted(IamAccount(), a_ledger_with(USED), deleted_key(), on_alice("DeleteUser"))
    assert [it.event_name for it in changes] == ["DeleteAccessKey", "DeleteUser"]


def at_time(record: dict[str, Any], moment: datetime) -> dict[str, Any]:
    return record | {"eventTime": moment.isoformat()}


@pytest.mark.parametrize("record", [deleted_key(), updated_key()])
def test_the_deletion_of_a_user_long_after_its_keys_predicts_no_further_outage(
    record: dict[str, Any],
) -> None:
    ledger = a_ledger_with(replace(USED, last_use=a_use(timedelta(days=3))))
    long_ago = NOON - SUFFICIENT_WAIT - timedelta(seconds=1)
    first = predicted(IamAccount(), ledger, at_time(record, long_ago))
    assert [it.at for it in first] == [long_ago]
    assert predicted(IamAccount(), ledger, on_alice("DeleteUser")) == []


def test_a_failed_look_up_delays_the_signal_but_not_the_ledger() -> None:
    account, ledger = an_account(a_use(timedelta(hours=1))), FakeLedger()
    account.denied = {"GetAccessKeyLastUsed"}
    with pytest.raises(TransientError):
        predicted(account, ledger, updated_key())
    assert ledger.entries[KEY].state == "Inactive"
    account.denied = set()
    assert len(predicted(account, ledger, updated_key())) == 1
