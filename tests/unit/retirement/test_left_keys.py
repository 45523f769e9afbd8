"""A live key of ours that a person takes out of service is retired as if a rotation had replaced it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.retirement.domain.retirement import Step
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
from lambdas.rotation.domain.secret_description import CURRENT, PREVIOUS
from tests.support.fail_over_scenarios import a_person_moves_it_back, rotated
from tests.support.rotation_runs import HOURS_UNTIL_ALL_IS_RETIRED, Run, a_retirer
from tests.support.rotation_simulation import SECRET, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timedelta(hours=1)


def stores_another_key(world: RotationWorld) -> None:
    """Of the two that the user has: the first one, whose secret the person knows."""
    first = world.values["first"].key_id
    key = NewKey(access_key_id=first, secret_access_key=world.user_keys[first].secret)
    world.values["by-hand"] = ManagedSecret(user_name="alice", key=key)
    for labels in world.labels.values():
        labels.discard(PREVIOUS)
    world.labels["token-1"] = {PREVIOUS}
    world.labels["by-hand"] = {CURRENT}


def hourly_steps(world: RotationWorld, hours: int, *, also_used: str = "") -> list[tuple[str, Step]]:
    taken = []
    for _ in range(hours):
        world.now += HOUR
        world.consume()
        world.use(also_used)
        taken += [(done.access_key_id, done.step) for done in a_retirer(world).process(SECRET)]
    return taken


def rotated_and_seen() -> tuple[RotationWorld, str]:
    world = rotated()
    hourly_steps(world, 2)
    return world, world.current_key()


@pytest.mark.parametrize("act", [a_person_moves_it_back, stores_another_key])
def test_a_live_key_of_ours_that_loses_service_is_retired(act: Callable[[RotationWorld], None]) -> None:
    world, ours = rotated_and_seen()
    act(world)
    taken = hourly_steps(world, HOURS_UNTIL_ALL_IS_RETIRED)
    assert (ours, Step.DEACTIVATE) in taken
    assert ours not in world.user_keys
    assert world.current_works()


@pytest.mark.parametrize("act", [a_person_moves_it_back, stores_another_key])
def test_while_it_is_used_it_is_kept_and_reported(act: Callable[[RotationWorld], None]) -> None:
    world, ours = rotated_and_seen()
    act(world)
    taken = hourly_steps(world, 96, also_used=ours)
    assert (ours, Step.REMIND) in taken
    assert world.user_keys[ours].active


def test_a_key_that_returns_to_service_is_not_retired() -> None:
    world, ours = rotated_and_seen()
    a_person_moves_it_back(world)
    hourly_steps(world, 3)
    world.labels["first"], world.labels["token-1"] = {PREVIOUS}, {CURRENT}
    hourly_steps(world, HOURS_UNTIL_ALL_IS_RETIRED)
    assert world.current_key() == ours
    assert world.current_works()


def test_a_live_key_that_a_person_created_is_left_to_that_person() -> None:
    world = RotationWorld()
    first, other = world.a_person_creates(), world.a_person_creates()
    world.put_current(first)
    run = Run(world)
    run.rotate("token-1")  # refused: both slots are in use
    assert run.refusals
    hourly_steps(world, 4)
    world.put_current(other)
    hourly_steps(world, HOURS_UNTIL_ALL_IS_RETIRED)
    assert world.user_keys[first].active
