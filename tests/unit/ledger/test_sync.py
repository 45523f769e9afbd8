"""A sync produces IAM's state, even if it is interrupted, fails, or IAM changes meanwhile, at any point."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.domain.iam import ROOT, LastUse
from lambdas.errors import TransientError
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.ledger.domain.iam_listing import CONSISTENT_AFTER
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.sync import SECONDS_FOR_A_STEP, LedgerSync
from tests.support.builders import NOON, key_id
from tests.support.fakes import FakeEnrolmentQueue, FakeLedger, FakeRotationService
from tests.support.iam_account import IamAccount
from tests.support.ledgers import FakeInventory, FakeProgress, Inline, a_tracker

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from datetime import datetime

    from lambdas.aws.domain.iam import IamUser

NIGHT = NOON + timedelta(hours=12)
PLENTY = float(SECONDS_FOR_A_STEP)


@dataclass
class Scenario(IamAccount):
    """An account that can fail or change at any call. Calls are counted from 1."""

    fails_at: int = 0
    at_calls: dict[int, Callable[[], None]] = field(default_factory=dict)

    def call(self, action: str) -> None:
        self.calls.append(action)
        self.at_calls.get(len(self.calls), lambda: None)()
        if len(self.calls) == self.fails_at:
            raise TransientError(f"iam:{action}: Throttling")

    def _call(self, action: str) -> None:
        self.call(action)


@dataclass
class CountedInventory(FakeInventory):
    account: Scenario

    def users(self, marker: str) -> tuple[tuple[IamUser, ...], str]:
        self.account.call("GetAccountAuthorizationDetails")
        return super().users(marker)


@dataclass
class World:
    """An account of five users, one without keys and one with three, and a ledger with all changes until
    NOON. Between NOON and NIGHT a key and a user were deleted and a user renamed, without records.
    """

    account: Scenario = field(default_factory=Scenario)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    now: datetime = NIGHT
    steps: int = 0

    def __post_init__(self) -> None:
        self.progress = FakeProgress(lambda: self.now)
        self.keys = {
            name: self._a_user(name, keys)
            for name, keys in (("alice", 2), ("bob", 0), ("carol", 1), ("dave", 3), ("erin", 1))
        }
        tracker = a_tracker(self.account, NOON, self.ledger)
        for event in self.account.events:
            tracker.track(event)
        self.root_key = KeyEntry(access_key_id=key_id(99), owner_name=Observed(value=ROOT, at=NOON))
        self.ledger.merge_key(self.root_key)
        self._change_unrecorded()
        self.account.calls.clear()

    def _a_user(self, name: str, keys: int) -> list[str]:
        self.account.create_user(name, NOON, {CONTACT_TAG: f"of {name}"})
        return [self.account.create_key(name, NOON) for _ in range(keys)]

    def _change_unrecorded(self) -> None:
        later = NOON + timedelta(hours=1)
        self.account.delete_key("dave", self.keys["dave"][0], later)
        self.account.set_status("dave", self.keys["dave"][1], "Expired", later)
        self.account.delete_user("carol", later)
        self.account.rename("erin", "zoe", later)
        self.account.create_user("yves", later)
        self.account.create_key("yves", later)
        self.account.uses[self.keys["alice"][0]] = LastUse(at=later, service="s3", region="N/A")

    def synchroniser(self, workers: Executor | None = None) -> LedgerSync:
        return LedgerSync(
            iam=self.account,
            inventory=CountedInventory(self.account),
            ledger=self.ledger,
            progress=self.progress,
            enrolments=FakeEnrolmentQueue(),
            users_by_secret=FakeRotationService().users_by_secret,
            workers=workers or Inline(),
            clock=lambda: self.now,
        )

    def run(self, steps: int = 1000) -> bool:
        """Whether the sync was completed within so many steps."""
        self.steps = 0

        def seconds_left() -> float:
            self.steps += 1
            return PLENTY if self.steps <= steps else PLENTY - 1

        return self.synchroniser().synchronise(seconds_left, only_if_due=False)

    def run_to_the_end(self, steps: int = 1000) -> int:
        """Returns the number of runs."""
        for runs in range(1, 100):
            if self.run(steps):
                return runs
        raise AssertionError("the sync is never completed")

    def deletions_of(self, name: str, key: str) -> list[Occurrence]:
        deletion = self.ledger.entries[key].deletion
        return [*self.ledger.users[name].deletions, *([deletion] if deletion else [])]

    def assert_matches_iam(self) -> None:
        existing = {key: (it.owner, it.state) for key, it in self.ledger.entries.items() if not it.deletion}
        expected = {
            key: (name, listed.status)
            for name, keys in self.account.keys.items()
            for key, listed in keys.items()
        }
        assert existing == expected | {self.root_key.access_key_id: (ROOT, "Active")}
        assert {user.name for user in self.ledger.users.values() if user.exists} == {*self.account.there}

    def assert_no_existing_key_is_marked_as_deleted(self) -> None:
        existing = {key for keys in self.account.keys.values() for key in keys}
        assert [
            key for key in existing if key in self.ledger.entries and self.ledger.entries[key].deletion
        ] == []


def a_complete_run() -> World:
    world = World()
    assert world.run()
    return world


def test_a_sync_produces_iams_state() -> None:
    world = a_complete_run()
    world.assert_matches_iam()
    assert world.ledger.entries[world.keys["alice"][0]].last_use is not None
    assert world.ledger.users["alice"].current_tags == {CONTACT_TAG: "of alice"}
    assert [run.runs for run in world.progress.finished] == [1]


def test_a_noticed_deletion_has_a_time_span_and_no_actor() -> None:
    world = a_complete_run()
    gone = Occurrence(after=NOON, until=NIGHT)
    for key in (world.keys["dave"][0], world.keys["carol"][0]):
        assert world.ledger.entries[key].deletion == gone
    assert world.ledger.users["carol"].deletions == (gone,)
    assert (gone.by, gone.is_recorded) == (None, False)


def test_a_sync_does_not_change_the_root_users_key() -> None:
    world = a_complete_run()
    assert world.ledger.entries[world.root_key.access_key_id] == world.root_key


STEPS = a_complete_run().steps


@pytest.mark.parametrize("steps", range(1, STEPS))
def test_a_sync_that_is_interrupted_after_any_step_resumes_to_the_same_ledger(steps: int) -> None:
    complete, world = a_complete_run(), World()
    assert not world.run(steps)
    assert world.run()
    assert world.ledger == replace(complete.ledger, reads=world.ledger.reads)
    assert [run.runs for run in world.progress.finished] == [2]


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_a_sync_that_is_interrupted_repeatedly_resumes_to_the_same_ledger(steps: int) -> None:
    complete, world = a_complete_run(), World()
    runs = world.run_to_the_end(steps)
    assert runs > 1
    assert world.progress.finished[0].runs == runs
    assert world.ledger == replace(complete.ledger, reads=world.ledger.reads)


def test_no_step_is_started_without_enough_time() -> None:
    world = World()
    assert not world.run(0)
    assert (world.account.calls, world.progress.finished, world.progress.claimed) == ([], [], False)


CALLS = len(a_complete_run().account.calls)


@pytest.mark.parametrize("fails_at", range(1, CALLS + 1))
def test_a_failed_iam_call_delays_the_sync_and_marks_no_existing_key_as_deleted(fails_at: int) -> None:
    world = World(Scenario(fails_at=fails_at))
    with pytest.raises(TransientError):
        world.run()
    assert (world.progress.finished, world.progress.unfinished is not None) == ([], True)
    world.assert_no_existing_key_is_marked_as_deleted()
    assert not world.progress.claimed, "the next run resumes immediately"
    world.run_to_the_end()
    world.assert_matches_iam()


@pytest.mark.parametrize("moment", range(1, CALLS + 1))
def test_a_user_deleted_at_any_moment_of_a_sync_is_missing_after_the_next(moment: int) -> None:
    world = World()
    world.account.at_calls[moment] = lambda: world.account.delete_user("alice", NIGHT)
    assert world.run()
    world.now += timedelta(days=1)
    assert world.run()
    world.assert_matches_iam()


@pytest.mark.parametrize("moment", range(1, CALLS + 1))
@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_key_created_at_any_moment_of_a_sync_is_not_marked_as_deleted(
    moment: int, *, is_recorded: bool
) -> None:
    world = World()

    def create() -> None:
        world.account.create_user("frank", NIGHT)
        for name in ("alice", "frank"):
            world.account.create_key(name, NIGHT)
        if is_recorded:
            for event in world.account.events[-3:]:
                a_tracker(world.account, NIGHT, world.ledger).track(event)

    world.account.at_calls[moment] = create
    assert world.run()
    world.assert_no_existing_key_is_marked_as_deleted()
    assert all(not user.deletions for user in world.ledger.users.values() if user.name == "frank")
    world.now += timedelta(days=1)
    assert world.run()
    world.assert_matches_iam()


@pytest.mark.parametrize("moment", range(1, CALLS + 1))
@pytest.mark.parametrize("new_name", ["aaa", "zzz"])
def test_a_user_renamed_at_any_moment_of_a_sync_keeps_its_keys(moment: int, new_name: str) -> None:
    """The record may not have arrived, and the new name may be on a page that was already read."""
    world = World()
    world.account.at_calls[moment] = lambda: world.account.rename("alice", new_name, NIGHT)
    assert world.run()
    world.assert_no_existing_key_is_marked_as_deleted()
    world.now += timedelta(days=1)
    assert world.run()
    world.assert_matches_iam()


@pytest.mark.parametrize("age", [timedelta(0), CONSISTENT_AFTER - timedelta(seconds=1)])
def test_a_user_or_key_too_new_for_iams_consistency_is_not_marked_as_deleted(age: timedelta) -> None:
    world = World()
    created_at = NIGHT - age
    world.account.create_user("frank", created_at)
    key = world.account.create_key("frank", created_at)
    for event in world.account.events[-2:]:
        a_tracker(world.account, NIGHT, world.ledger).track(event)
    del world.account.there["frank"], world.account.keys["frank"]
    assert world.run()
    assert world.deletions_of("frank", key) == []
    world.now += CONSISTENT_AFTER
    assert world.run()
    gone = Occurrence(after=created_at, until=world.now)
    assert world.deletions_of("frank", key) == [gone, gone]


def test_a_sync_that_is_not_due_or_claimed_by_another_run_does_nothing() -> None:
    world = a_complete_run()
    world.account.calls.clear()
    assert not world.synchroniser().synchronise(lambda: PLENTY, only_if_due=True)
    world.progress.claimed = True
    assert not world.run()
    assert world.account.calls == []


def test_an_error_is_raised_only_after_all_parallel_reads_have_ended() -> None:
    """A read that is still running when the function ends would continue in the next invocation."""
    world = World()
    ended: list[str] = []

    def slow() -> None:
        time.sleep(0.1)
        ended.append("slow")

    world.account.fails_at = 2
    world.account.at_calls = {3: slow}
    with ThreadPoolExecutor(2) as workers:
        with pytest.raises(TransientError):
            world.synchroniser(workers).synchronise(lambda: PLENTY, only_if_due=False)
        assert ended == ["slow"]
