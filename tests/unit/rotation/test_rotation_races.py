"""Rotation and the hourly function at the same time, and how each reads the other's records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import PermanentError, TransientError
from lambdas.retirement.domain.retirement import Step
from lambdas.rotation.domain.secret_description import CURRENT, PENDING
from tests.support.rotation_runs import POLICY, STEPS, Run, a_key_creator, a_retirer, a_rotator, orphans
from tests.support.rotation_scenarios import LONG_AGO, with_one_key, without_a_key
from tests.support.rotation_simulation import SECRET, USER, Crash, Interrupt, Mode, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timedelta(hours=1)


def quietly(act: Callable[[], object]) -> None:
    try:
        act()
    except (TransientError, PermanentError):
        return


def step(world: RotationWorld, name: str, token: str = "token-1") -> None:
    getattr(a_rotator(world), name)(SECRET, token)


def rotated() -> tuple[RotationWorld, str, str]:
    world = with_one_key()
    old = world.current_key()
    Run(world).rotate("token-1")
    return world, old, world.current_key()


def hourly(world: RotationWorld) -> None:
    a_retirer(world).process(SECRET)


def is_alive(world: RotationWorld, key: str) -> bool:
    return key in world.user_keys and world.user_keys[key].active


def test_a_rotation_that_the_hourly_function_saw_first_is_retired_all_the_same() -> None:
    world = with_one_key()
    old = world.current_key()
    world.label_pending("token-1")
    hourly(world)
    run = Run(world)
    run.rotate("token-1")
    assert world.states[SECRET].user_name == USER
    run.pass_time(80, step=2)
    assert old not in world.user_keys


def test_keys_that_existed_before_the_hourly_run_saw_the_rotation_are_not_unattributed() -> None:
    """No record says who created a key that is older than CloudTrail's history."""
    world = with_one_key()
    world.a_person_creates(LONG_AGO)
    world.label_pending("token-1")
    hourly(world)
    run = Run(world)
    run.rotate("token-1")
    assert all(refusal.startswith("no free slot") for refusal in run.refusals)
    assert len(run.refusals) == 4
    assert not [call for call in world.calls if call == "created_for"]


def test_a_second_test_of_the_current_key_does_not_count_as_a_consumers_use() -> None:
    world, old, _ = rotated()
    for _ in range(40):
        world.now += HOUR
        quietly(lambda: step(world, "test_secret"))
        hourly(world)
    assert is_alive(world, old)


def test_the_test_of_a_later_key_does_not_count_as_a_use_of_it() -> None:
    world, old, new = rotated()
    world.a_person_deletes(new)
    Run(world).rotate("token-2")
    for _ in range(40):
        world.now += HOUR
        hourly(world)
    assert is_alive(world, old)


@pytest.mark.parametrize("call", range(12))
def test_a_rotation_that_promotes_while_it_is_abandoned_does_not_lose_its_key(call: int) -> None:
    world = with_one_key()
    world.label_pending("token-1")
    for name in STEPS[:3]:
        step(world, name)
    world.now += 2 * HOUR
    number = len(world.calls) + call
    world.interrupt = Interrupt(number=number, act=lambda: quietly(lambda: hourly(world)))
    quietly(lambda: step(world, "finish_secret"))
    world.interrupt = None
    hourly(world)
    assert world.outages == []
    assert world.current_works()


@pytest.mark.parametrize("call", range(12))
def test_a_rotation_that_is_abandoned_while_it_promotes_does_not_lose_its_key(call: int) -> None:
    world = with_one_key()
    world.label_pending("token-1")
    for name in STEPS[:3]:
        step(world, name)
    world.now += 2 * HOUR
    number = len(world.calls) + call
    world.interrupt = Interrupt(number=number, act=lambda: quietly(lambda: step(world, "finish_secret")))
    quietly(lambda: hourly(world))
    quietly(lambda: hourly(world))
    assert world.outages == []
    assert world.current_works()


def test_an_abandoned_rotation_cannot_promote_with_its_old_token() -> None:
    world = with_one_key()
    world.label_pending("token-1")
    for name in STEPS[:3]:
        step(world, name)
    world.now += 2 * HOUR
    world.inject = (len(world.calls) + 5, Mode.FAILS)  # the label's removal
    while PENDING in world.labels["token-1"]:
        quietly(lambda: hourly(world))
    world.labels["token-1"].add(PENDING)
    with pytest.raises(PermanentError):
        step(world, "finish_secret")
    assert world.current_works()


@pytest.mark.parametrize("call", range(12))
def test_a_key_that_is_replaced_while_the_hourly_function_runs_is_still_to_be_retired(call: int) -> None:
    world = with_one_key()
    old = world.current_key()
    world.label_pending("token-1")
    for name in STEPS[:3]:
        step(world, name)
    world.interrupt = Interrupt(number=len(world.calls) + call, act=lambda: step(world, "finish_secret"))
    quietly(lambda: hourly(world))
    world.interrupt = None
    step(world, "finish_secret")
    hourly(world)
    assert world.states[SECRET].superseded_ids == {old}


@pytest.mark.parametrize("call", range(16))
def test_of_two_runs_of_one_creation_one_key_remains(call: int) -> None:
    world = without_a_key()
    world.label_pending("token-1")
    world.interrupt = Interrupt(number=call, act=lambda: quietly(lambda: step(world, "create_secret")))
    quietly(lambda: step(world, "create_secret"))
    world.interrupt = None
    run = Run(world)
    run.rotate("token-1")
    assert run.completed
    run.pass_time(3)
    assert list(world.user_keys) == [world.current_key()]


def test_an_orphaned_key_is_deleted_though_another_is_unattributed() -> None:
    world = without_a_key()
    world.label_pending("token-1")
    world.inject = (world_calls_until("put_pending"), Mode.FAILS)
    quietly(lambda: step(world, "create_secret"))
    world.now += HOUR / 2
    world.a_person_creates()
    step(world, "create_secret")
    assert world.values["token-1"].key_id in world.user_keys
    assert len(world.user_keys) == 2


def world_calls_until(name: str) -> int:
    world = without_a_key()
    world.label_pending("token-1")
    step(world, "create_secret")
    return world.calls.index(name)


def test_a_replaced_key_stays_while_the_key_that_replaced_it_is_dead() -> None:
    """The person who deactivated the new key may want the old one back."""
    world, old, new = rotated()
    world.now += HOUR
    world.consume()
    world.a_person_switches(new, on=False)
    for _ in range(60):
        world.now += HOUR
        hourly(world)
    assert is_alive(world, old)


def given_back(call: int, mode: Mode) -> tuple[RotationWorld, str]:
    """A consumer of the old key comes late, and the run that gives it back breaks at a call."""
    world, old, _ = rotated()
    retirer = replace(a_retirer(world), policy=replace(POLICY, reactivates=True))
    for _ in range(30):
        world.now += HOUR
        world.consume()
        retirer.process(SECRET)
    assert not is_alive(world, old)
    world.use(old)
    world.now += HOUR
    world.inject = (len(world.calls) + call, mode)
    for _ in range(3):
        try:
            retirer.process(SECRET)
        except (TransientError, Crash):
            continue
    world.inject = None
    return world, old


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("call", range(18))
def test_wherever_the_reactivation_of_a_key_breaks_it_is_reactivated_and_retired_later(
    call: int, mode: Mode
) -> None:
    world, old = given_back(call, mode)
    assert is_alive(world, old)
    Run(world).pass_time(30, step=2)
    assert not is_alive(world, old)
    assert orphans(world) == []


def test_a_reactivated_key_that_a_person_deactivated_stays_inactive_and_is_kept() -> None:
    world, old = given_back(99, Mode.FAILS)
    world.now += 60 * HOUR
    world.a_person_switches(old, on=False)
    world.now += timedelta(minutes=1)
    steps = a_retirer(world).process(SECRET)
    assert [one.step for one in steps] == [Step.WAIT]
    assert old in world.user_keys


def test_the_records_of_two_concurrent_rotations_are_both_kept() -> None:
    world = with_one_key()
    maker = a_key_creator(world)
    number = len(world.calls) + 1  # between reading and writing
    world.interrupt = Interrupt(number=number, act=lambda: maker.record(SECRET, "AKIAONE", "token-1"))
    maker.record(SECRET, "AKIATWO", "token-2")
    assert {made.access_key_id for made in world.states[SECRET].created} == {"AKIAONE", "AKIATWO"}


def test_a_pending_key_that_a_person_deactivated_is_not_promoted() -> None:
    world = with_one_key()
    world.label_pending("token-1")
    for name in STEPS[:3]:
        step(world, name)
    world.a_person_switches(world.values["token-1"].key_id, on=False)
    with pytest.raises(PermanentError, match="deactivated or deleted"):
        step(world, "finish_secret")
    assert CURRENT in world.labels["first"]
