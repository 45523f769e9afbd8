"""A missing permission never counts as a key that was not used."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.domain.iam import ROOT, LastUse, ListedKey, Resolved, Unresolved
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.last_use import find_last_use, update_last_use
from tests.support.builders import NOON, key_id
from tests.support.fakes import FakeLedger

if TYPE_CHECKING:
    from lambdas.aws.domain.iam import IamUser

HOUR = timedelta(hours=1)
USE = LastUse(at=NOON, service="s3", region="us-east-1")
LISTED = ListedKey(access_key_id=key_id(), status="Active", created_at=NOON)


class Answers:
    def __init__(self, answer: Resolved | Unresolved, keys: tuple[ListedKey, ...] | None) -> None:
        self.answer, self.keys = answer, keys

    def look_up(self, _: str) -> Resolved | Unresolved:
        return self.answer

    def list_keys(self, user_name: str) -> tuple[ListedKey, ...] | None:
        assert user_name == "alice", "IAM refuses a name that no user can have"
        return self.keys

    def describe(self, _: str) -> IamUser | None:
        raise NotImplementedError


def entry(owner: str = "alice") -> KeyEntry:
    return KeyEntry(access_key_id=key_id(), owner_name=Observed(value=owner, at=NOON))


def test_the_last_use_is_iams_answer() -> None:
    assert find_last_use(Answers(Resolved(user_name="alice", last_use=USE), ()), entry()) == USE


@pytest.mark.parametrize("keys", [None, ()], ids=["no such user", "no such key"])
def test_a_deleted_key_has_no_last_use(keys: tuple[ListedKey, ...] | None) -> None:
    assert find_last_use(Answers(Unresolved(), keys), entry()) is None


@pytest.mark.parametrize("owner", ["", ROOT])
def test_a_key_without_a_user_has_no_last_use(owner: str) -> None:
    assert find_last_use(Answers(Unresolved(), None), entry(owner)) is None


def test_a_key_that_is_listed_but_not_resolved_is_a_transient_error() -> None:
    with pytest.raises(TransientError, match="permission"):
        find_last_use(Answers(Unresolved(), (LISTED,)), entry())


@pytest.mark.parametrize(
    ("used", "read", "used_again", "pause"),
    [
        (0, 24, 30, 24),
        (0, 24, 168, 24),
        (0, 167, 168, 167),
        (0, 200, 168, 168),  # IAM reports a use late
        (0, 24, 0, 0),
        (0, 24, None, 0),
        (None, 24, 30, 0),
        (0, None, 30, 0),
    ],
)
def test_a_pause_is_the_time_during_which_the_key_was_surely_unused(
    used: int | None, read: int | None, used_again: int | None, pause: int
) -> None:
    """In hours. Between the reading and the next use there may have been others."""

    def at(hours: int | None) -> LastUse | None:
        return replace(USE, at=NOON + hours * HOUR) if hours is not None else None

    checked_at = NOON + read * HOUR if read is not None else None
    known = KeyEntry(access_key_id=key_id(), last_use=at(used), use_checked_at=checked_at)
    assert known.pause_before(at(used_again)) == pause * 3600


def test_the_longest_pause_is_kept_by_later_readings() -> None:
    ledger = FakeLedger()
    for hours in (0, 2, 170, 172):
        use = replace(USE, at=NOON + hours * HOUR)
        known = ledger.key(key_id()) or entry()
        iam = Answers(Resolved(user_name="alice", last_use=use), ())
        update_last_use(iam, ledger, known, use.at + HOUR)
    assert ledger.entries[key_id()].longest_pause_seconds == 3600
    late = replace(USE, at=NOON + 400 * HOUR)
    known = replace(ledger.entries[key_id()], use_checked_at=NOON + 390 * HOUR)
    update_last_use(Answers(Resolved(user_name="alice", last_use=late), ()), ledger, known, late.at)
    assert ledger.entries[key_id()].longest_pause_seconds == 218 * 3600
