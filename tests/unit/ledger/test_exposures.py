"""AWS Health reports a key as exposed: the ledger keeps that, and `remediate` gets a signal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.exposure import Exposure
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_entry import KeyEntry, merge_keys
from tests.support.builders import NOON, key_id
from tests.support.fakes import FakeLedger, FakeSignalQueue
from tests.support.health_events import EXPOSED
from tests.support.iam_account import IamAccount
from tests.support.ledgers import a_tracker

LATER = NOON + timedelta(days=1)
TIMES = st.none() | st.datetimes()


class Scenario:
    def __init__(self) -> None:
        self.account, self.ledger, self.signals = IamAccount(), FakeLedger(), FakeSignalQueue()
        self.tracker = a_tracker(self.account, LATER, self.ledger, self.signals)
        self.account.create_user("alice", NOON - timedelta(days=2))
        self.key = self.account.create_key("alice", NOON - timedelta(days=1))
        self.exposure = Exposure(access_key_id=self.key, event_type=EXPOSED, at=NOON)

    def follow(self) -> None:
        for event in self.account.events:
            self.tracker.track(event)


@pytest.mark.parametrize("is_known", [True, False])
def test_an_exposed_key_is_recorded_with_its_owner_and_signalled(*, is_known: bool) -> None:
    it = Scenario()
    if is_known:
        it.follow()
    it.tracker.track_exposure(it.exposure)
    entry = it.ledger.entries[it.key]
    assert (entry.exposed_at, entry.owner) == (NOON, "alice")
    [change] = it.signals.leaks
    assert (change.access_key_id, change.event_name, change.by) == (it.key, EXPOSED, "AWS Health")
    assert change.is_leak


def test_the_first_report_of_an_exposure_is_kept() -> None:
    it = Scenario()
    for at in (LATER, NOON, LATER):
        it.tracker.track_exposure(replace(it.exposure, at=at))
    assert it.ledger.entries[it.key].exposed_at == NOON


def test_a_key_that_neither_the_ledger_nor_iam_knows_is_signalled_but_not_recorded() -> None:
    it = Scenario()
    it.tracker.track_exposure(replace(it.exposure, access_key_id=key_id(9)))
    assert key_id(9) not in it.ledger.entries
    assert [change.access_key_id for change in it.signals.leaks] == [key_id(9)]


def test_an_exposure_is_retried_while_iam_does_not_answer() -> None:
    it = Scenario()
    it.account.denied = {"GetAccessKeyLastUsed"}
    with pytest.raises(TransientError):
        it.tracker.track_exposure(it.exposure)


@given(TIMES, TIMES)
def test_no_order_of_two_entries_loses_an_exposure(one: object, other: object) -> None:
    first, second = (
        KeyEntry(access_key_id=key_id(), exposed_at=at)  # type: ignore[arg-type] # a datetime or None
        for at in (one, other)
    )
    merged = merge_keys(first, second)
    assert merged == merge_keys(second, first)
    assert (merged.exposed_at is None) == (one is None and other is None)
