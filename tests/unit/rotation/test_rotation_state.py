from __future__ import annotations

from datetime import timedelta

from lambdas.rotation.domain.rotation_state import RotationState
from tests.support.builders import NOON

LATER = NOON + timedelta(hours=1)
NOTHING = RotationState(secret_name="access-keys/alice")


def test_a_renewed_intent_keeps_the_first_list_of_existing_keys() -> None:
    state = NOTHING.with_intent("token", ["AKIAFIRST"], NOON).with_intent("token", ["AKIALATER"], LATER)
    assert state.intents["token"].existing == {"AKIAFIRST"}
    assert state.intents["token"].at == LATER


def test_the_intents_of_another_user_say_nothing_about_the_keys_of_this_one() -> None:
    recorded = NOTHING.with_intent("token", [], NOON)
    assert recorded.bound_to("alice", "AIDAALICE").intents == {}
    bound = recorded.bound_to("alice", "AIDAALICE").with_intent("token", [], NOON)
    assert bound.bound_to("alice", "AIDAALICE") == bound


def test_an_abandoned_key_belongs_to_no_rotation() -> None:
    state = NOTHING.with_created("AKIAFIRST", "token", NOON).with_created("AKIAOTHER", "other", NOON)
    given_up = state.with_keys_abandoned({"AKIAFIRST"})
    assert given_up.created_under("token") == set()
    assert given_up.created_under("other") == {"AKIAOTHER"}


def test_a_rotation_is_as_old_as_its_last_record() -> None:
    assert NOTHING.last_activity("token") is None
    state = NOTHING.with_intent("token", [], NOON)
    assert state.last_activity("token") == NOON
    assert (
        state.with_created("AKIA", "token", NOON).with_tested("AKIA", LATER).last_activity("token") == LATER
    )


def test_a_rotation_that_has_succeeded_stays_known_whatever_becomes_of_its_key() -> None:
    state = (
        NOTHING.with_created("AKIAFIRST", "token", NOON).with_promoted("AKIAFIRST").with_abandoned("token")
    )
    for number in range(19):
        state = state.with_created(f"AKIA{number}", f"later-{number}", NOON).with_promoted(f"AKIA{number}")
    assert state.was_finished("token")
    assert not state.with_abandoned("another").was_finished("another")


def test_only_the_last_rotations_that_are_over_are_recorded() -> None:
    state = NOTHING
    for number in range(30):
        state = state.with_abandoned(f"token-{number}")
    assert state.abandoned == tuple(f"token-{number}" for number in range(10, 30))
