"""Which tags enrol a user, and which the ledger keeps: a principal that may tag a user chooses both."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.adapters.dynamodb import to_attributes
from lambdas.aws.domain.iam_events import TAG_USER, IamEvent
from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.ledger.adapters.ledger_items import user_item
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG, MODE_TAG, OWN_TAGS, SECRET_TAG, read_claim
from lambdas.ledger.domain.iam_event_entries import user_entry
from lambdas.ledger.domain.user_entry import UserEntry, merge_users
from lambdas.ledger.domain.user_tags import MAX_DESCRIPTIONS
from tests.support.builders import NOON, an_event, key_id
from tests.support.iam_records import an_iam_record

MINE = "access-keys/alice"
NO_BREAK_SPACE, ZERO_WIDTH_SPACE, SOFT_HYPHEN = "\u00a0", "\u200b", "\u00ad"
ADDITIONS = (NO_BREAK_SPACE, ZERO_WIDTH_SPACE, SOFT_HYPHEN, "\u2028", "\ufeff", "\u202e", " ", "\x7f")
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"
LARGEST_ITEM = 400_000  # a little less than DynamoDB's 400 KB


def tagged(tags: dict[str, str]) -> IamEvent:
    listed = [{"key": name, "value": value} for name, value in tags.items()]
    record: dict[str, Any] = an_iam_record("TagUser", requestParameters={"userName": "alice", "tags": listed})
    event = parse_iam_event(an_event(record))
    assert event
    return event


@given(st.sampled_from([SECRET_TAG, MODE_TAG]), st.sampled_from(ADDITIONS), st.data())
def test_a_tag_that_only_resembles_one_of_ours_enrols_nobody(
    name: str, addition: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(name)))
    tags = {SECRET_TAG: MINE, MODE_TAG: "auto"}
    tags[name[:at] + addition + name[at:]] = tags.pop(name)
    event = tagged(tags)
    assert read_claim("alice", "AIDAALICE", {name: value or "" for name, value in event.tags.items()}) is None


@given(st.sampled_from(ADDITIONS), st.integers(0, 4))
def test_a_mode_counts_as_it_was_set_character_by_character(addition: str, at: int) -> None:
    mode = "auto"[:at] + addition + "auto"[at:]
    event = tagged({SECRET_TAG: MINE, MODE_TAG: mode})
    claim = read_claim("alice", "AIDAALICE", {name: value or "" for name, value in event.tags.items()})
    assert claim
    assert claim.mode == mode


def test_a_secret_whose_name_looks_like_a_random_text_can_be_claimed() -> None:
    name = f"access-keys/{SECRET_ACCESS_KEY}"
    claim = read_claim("alice", "AIDAALICE", {SECRET_TAG: name, MODE_TAG: "auto"})
    assert claim
    assert claim.secret_name == name


def test_the_ledger_keeps_our_own_tags_and_descriptions_of_keys_and_no_others() -> None:
    own = {CONTACT_TAG: "a@example.com", SECRET_TAG: MINE, MODE_TAG: "auto", key_id(): "the nightly job"}
    others = {"team": "red", "AKIA": "short", key_id().lower(): "lower", f"{SECRET_TAG} ": MINE}
    assert user_entry(tagged(own | others)).current_tags == own


@pytest.mark.parametrize("name", [CONTACT_TAG, SECRET_TAG, key_id()])
def test_the_ledger_stores_no_secret_that_is_in_a_tag(name: str) -> None:
    entry = user_entry(tagged({name: f"the key is {SECRET_ACCESS_KEY}"}))
    assert SECRET_ACCESS_KEY not in json.dumps(to_attributes(user_item(entry)))
    assert entry.current_tags == {name: "the key is (removed)"}


def test_a_thousand_tag_records_leave_a_small_item_with_our_tags_and_the_latest_descriptions() -> None:
    wide = "\U0001f511" * 256  # 4 bytes each
    names = [key_id(number) for number in range(1000)]
    entries = [
        user_entry(
            IamEvent(
                event_name=TAG_USER,
                at=NOON + timedelta(seconds=second),
                by="x" * 256,
                user_name="alice",
                tags=dict.fromkeys([*some, SECRET_TAG], wide),
            )
        )
        for second, some in enumerate(names[start : start + 25] for start in range(0, 1000, 25))
    ]
    entry = reduce(merge_users, entries, UserEntry(name="alice"))
    assert {*entry.tags} - OWN_TAGS == {*sorted(names[-25:])[-MAX_DESCRIPTIONS:]}
    assert SECRET_TAG in entry.tags
    assert len(json.dumps(to_attributes(user_item(entry)), ensure_ascii=False).encode()) < LARGEST_ITEM / 4


MOMENTS = st.integers(0, 3).map(lambda second: NOON + timedelta(seconds=second))
EVENTS = st.builds(
    IamEvent,
    event_name=st.just(TAG_USER),
    at=MOMENTS,
    by=st.just("user/bob"),
    user_name=st.just("alice"),
    tags=st.dictionaries(
        st.integers(0, 2 * MAX_DESCRIPTIONS).map(key_id), st.none() | st.just("a job"), max_size=30
    ),
)


@given(st.lists(EVENTS, max_size=6), st.randoms())
def test_the_order_of_the_records_does_not_change_which_descriptions_are_kept(
    events: list[IamEvent], random: Any
) -> None:
    entries = [user_entry(event) for event in events]
    shuffled = random.sample(entries, len(entries))
    empty = UserEntry(name="alice")
    assert reduce(merge_users, entries, empty).tags == reduce(merge_users, shuffled, empty).tags
