"""States of rotations, and notifications, are the same after they were stored or sent."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.adapters.dynamodb import from_attributes, to_attributes
from lambdas.codec import from_plain, to_plain
from lambdas.rotation.domain.fail_overs import BorrowedKey, FailOverIntent, FailOverResult, LentKey
from lambdas.rotation.domain.notification import Notification
from lambdas.rotation.domain.refusals import Refusal
from lambdas.rotation.domain.rotation_state import CreatedKey, Intent, RotationState, Superseded
from lambdas.rotation.notification_messages import notification_body, parse_notification
from lambdas.text import printable
from tests.support.builders import NOON

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
TEXTS = st.text(max_size=300).map(printable)
TIMES = st.datetimes(timezones=st.just(UTC))
TIMES_OR_NONE = st.none() | TIMES


def tuples(one: SearchStrategy[T]) -> SearchStrategy[tuple[T, ...]]:
    return st.lists(one, max_size=2).map(tuple)


@given(
    st.builds(
        RotationState,
        user_name=st.text(),
        user_id=st.text(),
        intents=st.dictionaries(st.text(), st.builds(Intent, at=TIMES), max_size=2),
        created=tuples(st.builds(CreatedKey, at=TIMES, tested=st.booleans(), promoted=st.booleans())),
        superseded=tuples(
            st.builds(
                Superseded,
                at=TIMES,
                retire_after=TIMES,
                retiring_at=TIMES_OR_NONE,
                deactivated_at=TIMES_OR_NONE,
                last_used_at=TIMES_OR_NONE,
                found_off_at=TIMES_OR_NONE,
                announced_at=TIMES_OR_NONE,
                longest_pause_seconds=st.integers(0, 2**31),
            )
        ),
        finished_at=TIMES_OR_NONE,
        current_key_id=st.text(),
        previous_key_id=st.text(),
        fail_over=st.none() | st.builds(FailOverIntent, at=TIMES),
        loan=st.none() | st.builds(BorrowedKey, since=TIMES),
        lent=tuples(st.builds(LentKey, since=TIMES)),
        abandoned=tuples(st.text()),
        finished=tuples(st.text()),
        returned_at=TIMES_OR_NONE,
        deleted_at=TIMES_OR_NONE,
        refusal=st.none() | st.builds(Refusal, since=TIMES, reported_at=TIMES, repeated=tuples(st.text())),
        version=st.integers(min_value=0),
    )
)
def test_a_state_is_read_from_dynamodb_as_it_was_written(state: RotationState) -> None:
    item = from_attributes(to_attributes(to_plain(state)))
    assert from_plain(RotationState, item) == state


@given(
    st.builds(
        Notification,
        notification_id=TEXTS.filter(bool),
        at=TIMES,
        not_before=TIMES_OR_NONE,
        secret_name=TEXTS,
        access_key_id=TEXTS,
        new_key_id=TEXTS,
        step=TEXTS,
        reason=TEXTS,
        facts=tuples(TEXTS),
        token=TEXTS,
        held_keys=tuples(TEXTS),
        inactive_key=TEXTS,
        refused=st.booleans(),
        unless_finished=st.booleans(),
        unless_sent=TEXTS,
        counts_as=TEXTS,
    )
)
def test_a_notification_arrives_as_it_was_sent(notification: Notification) -> None:
    assert parse_notification(json.loads(notification_body(notification))) == notification


@given(st.builds(FailOverResult, since=TIMES, lender=st.text(), changed=st.booleans()))
def test_a_result_of_a_fail_over_is_read_as_it_was_answered(result: FailOverResult) -> None:
    assert from_plain(FailOverResult, json.loads(json.dumps(to_plain(result)))) == result


def test_a_state_without_rotations_takes_no_more_than_its_name() -> None:
    assert to_plain(RotationState(secret_name="access-keys/alice")) == {"secretName": "access-keys/alice"}


@given(st.text(min_size=300))
def test_a_text_from_the_queue_is_cut_to_what_an_alert_can_show(hostile: str) -> None:
    body = {"notificationId": "1", "kind": "key-wanted", "at": NOON.isoformat(), "secretName": "s"}
    detail = body | {"userName": "alice", "token": hostile, "facts": [hostile], "heldKeys": [hostile]}
    parsed = parse_notification({"detail": detail})
    assert {printable(text) for text in (parsed.token, *parsed.held_keys)} == {parsed.token}
    assert len(parsed.facts[0]) <= 600
