"""Which acts of the remediator's own roles the states of rotations explain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.aws.domain.iam_events import DELETE_KEY, UPDATE_KEY, IamEvent
from lambdas.rotation.domain.own_acts import is_explained
from lambdas.rotation.domain.rotation_state import RotationState
from tests.support.builders import NOON, key_id

KEY = key_id()
BOUND = RotationState(secret_name="access-keys/alice", user_name="alice", user_id="AIDA", current_key_id=KEY)
REPLACED = BOUND.superseding(KEY, NOON, timedelta(hours=1))
RETIRED = BOUND.with_superseded(replace(REPLACED.superseded[0], retiring_at=NOON))
REACTIVATED = BOUND.with_superseded(replace(REPLACED.superseded[0], deactivated_at=NOON))
LOST = BOUND.with_created(KEY, "", NOON)
PROMOTED = LOST.with_promoted(KEY)


def act(name: str, status: str = "") -> IamEvent:
    by = "assumed-role/RetireKeysRole/function"
    return IamEvent(event_name=name, at=NOON, by=by, user_name="alice", access_key_id=KEY, status=status)


OFF, ON, DELETED = act(UPDATE_KEY, "Inactive"), act(UPDATE_KEY, "Active"), act(DELETE_KEY)


@pytest.mark.parametrize(
    ("event", "state", "was_active", "explained"),
    [
        (OFF, BOUND, True, False),
        (OFF, REPLACED, True, False),
        (OFF, RETIRED, True, True),
        (ON, BOUND, False, False),
        (ON, REACTIVATED, False, True),
        (DELETED, BOUND, True, False),
        (DELETED, PROMOTED, True, False),
        (DELETED, LOST, True, True),
        (DELETED, BOUND, False, True),
    ],
)
def test_an_act_is_explained_by_what_was_recorded_before_it(
    event: IamEvent, state: RotationState, *, was_active: bool, explained: bool
) -> None:
    other = RotationState(secret_name="access-keys/other")
    assert is_explained(event, [other, state], was_active=was_active) is explained


@pytest.mark.parametrize("event", [OFF, ON, DELETED])
def test_without_any_state_nothing_is_explained(event: IamEvent) -> None:
    assert not is_explained(event, [], was_active=False)
