"""A user that was renamed after its secret was written: the JSON in it names nobody any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lambdas.rotation.ports import RefusedError
from tests.support.fail_over_scenarios import rotated_and_dead
from tests.support.rotation_runs import Run, a_fail_over, a_rotator
from tests.support.rotation_scenarios import with_one_key
from tests.support.rotation_simulation import SECRET, USER_ID, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

PRESENT = "alicia"


def renamed(world: RotationWorld, monkeypatch: pytest.MonkeyPatch, bound_id: str = USER_ID) -> None:
    """IAM knows the new name alone; enrolment has recorded it."""

    def unknown(call: Callable[[str], object]) -> Callable[[str], object]:
        return lambda name: None if name == "alice" else call(name)

    monkeypatch.setattr(world, "describe", unknown(world.describe))
    monkeypatch.setattr(world, "list_keys", unknown(world.list_keys))
    state = world.states.get(SECRET) or world.read(SECRET)
    world.states[SECRET] = replace(state, user_name=PRESENT, user_id=bound_id, version=max(state.version, 1))


def test_it_is_rotated_and_the_next_version_has_its_present_name(monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_one_key()
    renamed(world, monkeypatch)
    run = Run(world)
    run.rotate("token")
    assert run.completed, run.errors + run.refusals
    assert world.values["token"].user_name == PRESENT


def test_a_renaming_during_the_rotation_does_not_lose_the_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_one_key()
    world.label_pending("token")
    a_rotator(world).create_secret(SECRET, "token")
    renamed(world, monkeypatch)
    for step in ("test_secret", "finish_secret"):
        getattr(a_rotator(world), step)(SECRET, "token")
    assert world.current_key() == world.values["token"].key_id


def test_its_secret_returns_to_the_previous_key(monkeypatch: pytest.MonkeyPatch) -> None:
    world = rotated_and_dead()
    renamed(world, monkeypatch)
    assert a_fail_over(world).to_previous(SECRET, "token").changed


def test_the_recorded_name_of_another_user_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_one_key()
    renamed(world, monkeypatch, bound_id="AIDAOTHER")
    world.label_pending("token")
    with pytest.raises(RefusedError, match="the user no longer exists"):
        a_rotator(world).create_secret(SECRET, "token")
