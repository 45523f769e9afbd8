"""A person, an automation and a second tool act between any two calls of a rotation; any kind of call is
denied.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.rotation.domain.dependent_fields import with_new_key
from lambdas.rotation.domain.secret_description import CURRENT, EDITED, PENDING
from tests.support.rotation_invariants import GUARDRAILS, Invariants
from tests.support.rotation_runs import HOURS_UNTIL_ALL_IS_RETIRED, POLICY, UNUSED_FOR, Run
from tests.support.rotation_scenarios import with_a_slot_to_be_freed, with_one_key
from tests.support.rotation_simulation import PROPAGATION, Interrupt, RotationWorld, smtp_url

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow


def calls_of_a_rotation(new_world: Callable[[], RotationWorld]) -> list[str]:
    world = new_world()
    Run(world).rotate("token-1")
    return world.calls


def new_key(world: RotationWorld) -> str:
    """The rotation's own, once it is created."""
    return next((key_id for key_id, key in world.user_keys.items() if key.by_us), "")


def edit(world: RotationWorld) -> str:
    world.a_person_edits()
    return ""


def edit_and_break_and_correct(world: RotationWorld) -> str:
    world.a_person_edits()
    good = world.values[world.labelled(CURRENT)]
    world.a_person_puts(None)
    world.a_person_puts(good)
    return ""


def deactivate_current(world: RotationWorld) -> str:
    key = world.current_key()
    if key in world.user_keys:
        world.a_person_switches(key, on=False)
    return key


def delete_current(world: RotationWorld) -> str:
    key = world.current_key()
    if key in world.user_keys:
        world.a_person_deletes(key)
    return key


def deactivate_new(world: RotationWorld) -> str:
    if key := new_key(world):
        world.a_person_switches(key, on=False)
    return key


def delete_new(world: RotationWorld) -> str:
    if key := new_key(world):
        world.a_person_deletes(key)
    return key


def contain_current(world: RotationWorld) -> str:
    """An automation does."""
    world.an_automation_deactivates(key := world.current_key())
    return key


def contain_new(world: RotationWorld) -> str:
    """An automation does."""
    if key := new_key(world):
        world.an_automation_deactivates(key)
    return key


def release_user(world: RotationWorld) -> str:
    """Terraform takes the tags off."""
    world.tags = {}
    return GUARDRAILS


def create_key(world: RotationWorld) -> str:
    """A second tool takes the free slot."""
    return world.a_person_creates() if len(world.user_keys) < 2 else ""


def put_key(world: RotationWorld) -> str:
    """A second tool puts a key of its own into the secret."""
    if len(world.user_keys) > 1:
        return ""
    new = world.new_key(by_us=False, created_at=world.now - PROPAGATION)
    world.a_person_puts(with_new_key(world.values[world.labelled(CURRENT)], new))
    return new.access_key_id


def drop_pending(world: RotationWorld) -> str:
    """A person follows the command of an earlier alert."""
    if version := world.labelled(PENDING):
        world.labels[version].discard(PENDING)
    return ""


ACTS = (
    edit,
    edit_and_break_and_correct,
    deactivate_current,
    delete_current,
    deactivate_new,
    delete_new,
    contain_current,
    contain_new,
    release_user,
    create_key,
    put_key,
    drop_pending,
)
# In seconds, of two parts of IAM that answer in turn.
LAGS = ((0, 0), (20, 20), (300, 300), (0, 20), (20, 0), (0, 300), (300, 0))


def interfered(
    act: Callable[[RotationWorld], str], call: int, lags: tuple[int, int]
) -> tuple[Run, Invariants]:
    world = with_one_key()
    world.listing_lag, world.second_listing_lag = (timedelta(seconds=lag) for lag in lags)
    invariants = Invariants(world, POLICY, UNUSED_FOR)

    def interfere() -> None:
        before = world.current_key()
        disturbed = act(world)
        invariants.disturbed |= {disturbed, before} if disturbed else set()
        if world.current_key() != before:
            invariants.once_current |= {before: world.now, world.current_key(): None}
            invariants.replaced_in[before] = world

    world.interrupt = Interrupt(number=call, act=interfere)
    world.consume()
    run = Run(world)
    run.rotate("token-1")
    if invariants.disturbed and world.current_works():
        world.outages.clear()  # AWSCURRENT moved to a key that was killed in that moment, and back
    run.pass_time(3)
    invariants.disturbed.clear()
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=6)
    run.rotate("token-2")
    run.pass_time(3)
    return run, invariants


@pytest.mark.parametrize("lags", LAGS)
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_lost_if_somebody_acts_between_any_two_calls(
    act: Callable[[RotationWorld], str], lags: tuple[int, int]
) -> None:
    for call in range(len(calls_of_a_rotation(with_one_key)) + 2):
        run, invariants = interfered(act, call, lags)
        world, where = run.world, f"before call {call}"
        value = world.values[world.labelled(CURRENT)]
        assert invariants.found() == [], where
        assert value.others["Host"] == "db.example", where
        assert "Note1" in value.others or not world.edits, where
        assert value.key, where
        assert value.others["Smtp"] == smtp_url(value.key), where
        assert not [labels for labels in world.labels.values() if EDITED in labels], where
        assert run.completed or run.refusals, where


CALLS = sorted({*calls_of_a_rotation(with_one_key), *calls_of_a_rotation(with_a_slot_to_be_freed)})


@pytest.mark.parametrize("new_world", [with_one_key, with_a_slot_to_be_freed])
@pytest.mark.parametrize("call", [*CALLS, "put_edited", "drop_edited"])
def test_a_denied_call_costs_nothing_and_its_rotation_succeeds_once_it_is_allowed(
    call: str, new_world: Callable[[], RotationWorld]
) -> None:
    world = new_world()
    invariants = Invariants(world, POLICY, UNUSED_FOR)
    world.consume()
    world.denied = {call}
    run = Run(world)
    run.rotate("token-1")
    run.pass_time(6)
    world.denied = set()
    run.pass_time(3)
    if world.labelled(CURRENT) == "first":
        run.completed = False
        run.rotate("token-2")
    assert run.completed
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=6)
    assert invariants.found() == []
    assert set(world.user_keys) == {world.current_key()}
