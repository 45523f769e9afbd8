"""A key is created once: of several records of its creation, the earliest says who did it."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from itertools import permutations

from lambdas.aws.domain.iam_events import CREATE_KEY, IamEvent
from lambdas.ledger.domain.iam_event_entries import key_entry
from lambdas.ledger.domain.key_entry import KeyEntry, merge_keys
from lambdas.ledger.domain.observation import Observed
from tests.support.builders import NOON, key_id

KEY = key_id()
FIRST, LATER = "user/admin", "user/zoe"


def recorded(minute: int, by: str) -> KeyEntry:
    at = NOON + timedelta(minutes=minute)
    event = IamEvent(event_name=CREATE_KEY, at=at, by=by, user_name="alice", access_key_id=KEY)
    return key_entry(event, Observed(value="alice", at=at, by=by))


def test_the_earliest_record_of_a_creation_names_the_creator_in_any_order() -> None:
    listed = KeyEntry(access_key_id=KEY, created_at=NOON - timedelta(seconds=1), last_listed_at=NOON)
    entries = [recorded(0, FIRST), recorded(1, LATER), recorded(2, "assumed-role/Rotate/x"), listed]
    merged = {reduce(merge_keys, order).created_by for order in permutations(entries)}
    assert merged == {FIRST}


def test_the_creator_of_an_older_entry_is_kept() -> None:
    """It was written without the time of its record."""
    older = KeyEntry(access_key_id=KEY, created_at=NOON, created_by=FIRST)
    assert merge_keys(older, recorded(1, LATER)).created_by == FIRST
    assert merge_keys(recorded(1, LATER), older).created_by == FIRST
