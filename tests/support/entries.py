"""Strategies for ledger entries, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from lambdas.aws.domain.iam import ROOT, LastUse
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.user_entry import UserEntry
from tests.support.builders import key_id

NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-"
TIMES = st.datetimes(datetime(2011, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
NAMES = st.text(NAME_CHARACTERS, min_size=1, max_size=64)
IDS = st.integers(1, 2**32 - 1).map(key_id)


def observations(values: st.SearchStrategy[str]) -> st.SearchStrategy[Observed[str]]:
    flags = st.booleans()
    return st.builds(Observed, value=values, at=TIMES, by=TEXTS, confirmed=flags, conflicting=flags)


def tag_observations() -> st.SearchStrategy[Observed[str | None]]:
    values = st.none() | TEXTS
    return st.builds(
        Observed, value=values, at=TIMES, by=TEXTS, confirmed=st.booleans(), conflicting=st.booleans()
    )


OCCURRENCES = st.builds(Occurrence, until=TIMES, after=st.none() | TIMES, by=TEXTS) | st.builds(
    Occurrence, until=TIMES, after=st.none() | TIMES
)

KEY_ENTRIES = st.builds(
    KeyEntry,
    access_key_id=IDS,
    owner_name=st.none() | observations(NAMES | st.just(ROOT)),
    owner_id=TEXTS,
    created_at=st.none() | TIMES,
    created_by=TEXTS,
    created_from=TEXTS,
    creation_recorded_at=st.none() | TIMES,
    recorded_status=st.none() | observations(st.sampled_from(["Active", "Inactive", "Expired"])),
    statuses=st.lists(observations(st.sampled_from(["Active", "Inactive"])), max_size=4).map(tuple),
    listed_status=st.none() | observations(st.sampled_from(["Active", "Inactive", "Expired"])),
    last_listed_at=st.none() | TIMES,
    deletion=st.none() | OCCURRENCES,
    last_use=st.none() | st.builds(LastUse, at=TIMES, service=TEXTS, region=TEXTS),
    use_checked_at=st.none() | TIMES,
    longest_pause_seconds=st.integers(0, 2**31),
)

USER_ENTRIES = st.builds(
    UserEntry,
    name=NAMES | st.just(ROOT),
    user_id=st.none() | observations(TEXTS),
    path=st.none() | observations(TEXTS),
    last_listed_at=st.none() | TIMES,
    deletions=st.lists(OCCURRENCES, max_size=3).map(tuple),
    renamings=st.lists(observations(NAMES), max_size=3).map(tuple),
    tags=st.dictionaries(TEXTS.filter(bool), tag_observations(), max_size=5),
    tags_as_of=st.none() | TIMES,
)
