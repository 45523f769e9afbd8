"""A rotation that may not create a key loses none, and says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import TransientError
from lambdas.rotation.ports import CreationDeniedError, NoFreeSlotError
from tests.support.builders import NOON
from tests.support.rotation_runs import Run, a_rotator
from tests.support.rotation_scenarios import with_a_slot_to_be_freed, with_one_key
from tests.support.rotation_simulation import SECRET, Interrupt, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("new_world", [with_one_key, with_a_slot_to_be_freed])
def test_no_key_is_deleted_and_nothing_is_announced(new_world: Callable[[], RotationWorld]) -> None:
    world = new_world()
    world.denies_creation = True
    before = set(world.user_keys)
    run = Run(world)
    run.rotate("token-1")
    assert set(world.user_keys) == before
    assert world.sent == []
    assert run.errors == ["CreationDeniedError: iam:CreateAccessKey: AccessDenied"] * 4


def test_a_denial_is_remembered_until_a_key_could_be_created() -> None:
    world = with_a_slot_to_be_freed()
    world.denies_creation = True
    Run(world).rotate("token-1")
    assert world.states[SECRET].creation_denied_at
    world.denies_creation = False
    Run(world).rotate("token-1")
    assert world.states[SECRET].creation_denied_at is None
    assert world.values["token-1"].key_id == world.current_key()


def test_a_key_that_lost_its_slot_in_time_is_not_deleted_for_another() -> None:
    """A person deletes a key after the list was read: the new one needs no other slot."""
    world = with_a_slot_to_be_freed()
    spare, current = sorted(world.user_keys, key=lambda key: key == world.current_key())
    world.label_pending("token-1")
    calls = with_a_slot_to_be_freed_until_creation()
    world.interrupt = Interrupt(number=calls, act=lambda: world.a_person_deletes(current))
    a_rotator(world).create_secret(SECRET, "token-1")
    assert spare in world.user_keys
    assert world.sent == []


def with_a_slot_to_be_freed_until_creation() -> int:
    world = with_a_slot_to_be_freed()
    world.label_pending("token-1")
    a_rotator(world).create_secret(SECRET, "token-1")
    return world.calls.index("create")


def unattributed(age: timedelta) -> tuple[RotationWorld, str]:
    """A person's key that came into being during a rotation, while CloudTrail shows nothing."""
    world = with_one_key()
    world.label_pending("token-1")
    world.denies_creation = True
    with pytest.raises(CreationDeniedError):
        a_rotator(world).create_secret(SECRET, "token-1")
    world.denies_creation = False
    unknown = world.a_person_creates()
    world.now += age
    world.record_delay = timedelta(days=9999)
    return world, unknown


def test_a_key_of_unknown_origin_is_named_while_its_record_may_still_come() -> None:
    world, unknown = unattributed(timedelta(minutes=50))
    with pytest.raises(TransientError, match=f"does not show yet who created {unknown}"):
        a_rotator(world).create_secret(SECRET, "token-1")


def test_a_key_of_unknown_origin_is_a_persons_choice_once_its_record_will_not_come() -> None:
    world, unknown = unattributed(timedelta(minutes=70))
    since = f"{NOON:%Y-%m-%d %H:%M:%S} UTC"
    with pytest.raises(NoFreeSlotError) as refused:
        a_rotator(world).create_secret(SECRET, "token-1")
    unknown = f"{unknown} (since {since})"
    clause = f"; CloudTrail has no record of who created {unknown}: delete the key that nobody needs"
    assert str(refused.value).endswith(clause)
    assert set(refused.value.held) == set(world.user_keys)
