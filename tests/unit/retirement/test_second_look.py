"""People and applications act between any two calls of an hourly run that deactivates or deletes a key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import TransientError
from lambdas.retirement.domain.retirement import Step
from tests.support.fail_over_scenarios import a_person_moves_it_back, rotated
from tests.support.rotation_runs import a_retirer
from tests.support.rotation_simulation import SECRET, Crash, Interrupt, Mode, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timedelta(hours=1)
OLD = "first"  # the version with the replaced key


def old_key(world: RotationWorld) -> str:
    return world.values[OLD].key_id


def lives(world: RotationWorld) -> bool:
    return old_key(world) in world.user_keys and world.user_keys[old_key(world)].active


def hourly(world: RotationWorld) -> list[Step]:
    world.now += HOUR
    try:
        return [done.step for done in a_retirer(world).process(SECRET)]
    except (TransientError, Crash):
        return []


def about_to(step: Step) -> RotationWorld:
    """The next hourly run deactivates or deletes the old key."""
    hours = _HOURS[step]
    world = rotated()
    for _ in range(hours):
        world.consume()
        hourly(world)
    world.consume()
    world.calls.clear()
    return world


def hours_before(step: Step) -> int:
    world = rotated()
    for hours in range(100):
        world.consume()
        if step in hourly(world):
            return hours
    raise AssertionError


_HOURS = {step: hours_before(step) for step in (Step.DEACTIVATE, Step.DELETE)}


def calls_of(step: Step) -> list[str]:
    world = about_to(step)
    assert hourly(world) == [step]
    return world.calls


def uses_the_old_key(world: RotationWorld) -> None:
    world.use(old_key(world))


def reactivates_the_old_key(world: RotationWorld) -> None:
    if old_key(world) in world.user_keys:
        world.a_person_switches(old_key(world), on=True)


def deactivates_the_new_key(world: RotationWorld) -> None:
    world.a_person_switches(world.current_key(), on=False)


def moves_it_back(world: RotationWorld) -> None:
    a_person_moves_it_back(world)


def moves_it_back_and_reactivates(world: RotationWorld) -> None:
    if old_key(world) in world.user_keys:
        a_person_moves_it_back(world)
        world.a_person_switches(old_key(world), on=True)


DEACTIVATION = calls_of(Step.DEACTIVATE).index("switch")


@pytest.mark.parametrize("number", range(DEACTIVATION + 1))
@pytest.mark.parametrize("act", [uses_the_old_key, deactivates_the_new_key, moves_it_back])
def test_a_key_that_is_needed_again_while_it_is_deactivated_is_active_afterwards(
    act: Callable[[RotationWorld], None], number: int
) -> None:
    world = about_to(Step.DEACTIVATE)
    world.interrupt = Interrupt(number=number, act=lambda: act(world))
    hourly(world)
    assert lives(world)
    assert Step.DEACTIVATE not in hourly(world)
    assert lives(world)


@pytest.mark.parametrize("number", range(DEACTIVATION + 1, len(calls_of(Step.DEACTIVATE)) + 1))
def test_a_key_that_is_current_again_after_our_deactivation_is_reactivated(number: int) -> None:
    world = about_to(Step.DEACTIVATE)
    world.interrupt = Interrupt(number=number, act=lambda: moves_it_back(world))
    hourly(world)
    hourly(world)
    assert lives(world)
    assert world.current_works()


@pytest.mark.parametrize("mode", Mode)
def test_a_run_that_dies_when_a_person_moves_the_secret_back_is_made_up_for(mode: Mode) -> None:
    """The roll-back comes right before the deactivation, and the run ends right after it."""
    world = about_to(Step.DEACTIVATE)
    world.interrupt = Interrupt(number=DEACTIVATION, act=lambda: moves_it_back(world))
    world.inject = (DEACTIVATION + (mode in {Mode.FAILS, Mode.DIES_BEFORE}), mode)
    hourly(world)
    assert not lives(world)
    assert Step.REACTIVATE in hourly(world)
    assert lives(world)
    assert Step.STOP_TRACKING in hourly(world)
    assert world.current_works()


@pytest.mark.parametrize("why", ["quarantined", "deactivated by a person, too"])
def test_a_key_is_not_given_back_to_a_secret_if_a_guardrail_or_a_person_forbids_it(why: str) -> None:
    world = about_to(Step.DEACTIVATE)
    world.interrupt = Interrupt(number=DEACTIVATION, act=lambda: moves_it_back(world))
    world.inject = (DEACTIVATION, Mode.DIES_AFTER)
    hourly(world)
    if why == "quarantined":
        world.policy = "AWSCompromisedKeyQuarantineV3"
    else:
        world.a_person_switches(old_key(world), on=False)
    hourly(world)
    assert not lives(world)


@pytest.mark.parametrize("number", range(calls_of(Step.DELETE).index("delete")))
@pytest.mark.parametrize("act", [reactivates_the_old_key, moves_it_back_and_reactivates])
def test_a_key_that_a_person_reactivates_while_it_is_deleted_is_not_deleted(
    act: Callable[[RotationWorld], None], number: int
) -> None:
    world = about_to(Step.DELETE)
    world.interrupt = Interrupt(number=number, act=lambda: act(world))
    hourly(world)
    assert lives(world)  # IAM has no conditional deletion: not if it was right before that very call
    hourly(world)
    assert lives(world)


@pytest.mark.parametrize("mode", [Mode.FAILS, Mode.DIES_BEFORE])
def test_a_key_that_a_person_deactivates_after_a_deactivation_of_ours_had_failed_is_left_to_that_person(
    mode: Mode,
) -> None:
    """Also in the minutes before CloudTrail has the record: a deletion cannot be undone."""
    world = about_to(Step.DEACTIVATE)
    world.inject = (DEACTIVATION, mode)
    hourly(world)
    for _ in range(7 * 24):
        world.use(old_key(world))
        world.consume()
        hourly(world)
    assert world.states[SECRET].superseded[0].retiring_at is None
    world.now += HOUR - timedelta(minutes=1)
    world.a_person_switches(old_key(world), on=False)
    world.now -= HOUR - timedelta(minutes=1)
    assert hourly(world) == [Step.WAIT]
    for _ in range(72):
        world.consume()
        assert hourly(world) == [Step.WAIT]


def test_an_intent_without_a_record_of_the_deactivation_deletes_nothing() -> None:
    world = about_to(Step.DEACTIVATE)
    world.inject = (DEACTIVATION, Mode.DIES_BEFORE)
    hourly(world)
    world.a_person_switches(old_key(world), on=False)
    world.user_keys[old_key(world)].switches.clear()  # CloudTrail delivers no record
    for _ in range(10 * 24):
        world.consume()
        assert hourly(world) == [Step.WAIT]
