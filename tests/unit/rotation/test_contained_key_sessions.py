"""A thief may have a session that was created with a key before the key was deactivated."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import TransientError
from lambdas.rotation.rotator import MAX_SESSION
from tests.support.fail_over_scenarios import rotated_and_dead
from tests.support.rotation_runs import Run, a_rotator
from tests.support.rotation_scenarios import with_one_key
from tests.support.rotation_simulation import SECRET, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = "may let a session that was created with it read the new key"


def contained_by_an_automation(world: RotationWorld) -> None:
    world.an_automation_deactivates(world.current_key())


def contained_by_a_person(world: RotationWorld) -> None:
    world.a_person_switches(world.current_key(), on=False)


def deleted(world: RotationWorld) -> None:
    world.a_person_deletes(world.current_key())


@pytest.mark.parametrize("ends", [contained_by_an_automation, contained_by_a_person, deleted])
@pytest.mark.parametrize("may_read", [True, False])
def test_a_dead_key_is_replaced_only_if_no_session_of_its_user_may_read_the_new_one(
    ends: Callable[[RotationWorld], None], *, may_read: bool
) -> None:
    world = with_one_key()
    ends(world)
    world.session_may_read = may_read
    keys, run = set(world.user_keys), Run(world)
    run.rotate("token")
    assert run.completed is not may_read
    assert (set(world.user_keys) == keys) is may_read
    assert all(REFUSED in reason for reason in run.refusals)


def test_a_key_that_works_is_replaced_whatever_its_user_may_read() -> None:
    world = with_one_key()
    world.session_may_read = True
    run = Run(world)
    run.rotate("token")
    assert run.completed
    assert "may_session_read" not in world.calls


@pytest.mark.parametrize(("passed", "refused"), [(-timedelta(minutes=1), True), (timedelta(), False)])
def test_a_fail_over_does_not_hide_the_containment_while_a_session_may_last(
    passed: timedelta, *, refused: bool
) -> None:
    world = rotated_and_dead()
    Run(world).fail_over("fail-over")
    world.session_may_read = True
    failed_over = world.states[SECRET].fail_over
    assert failed_over
    world.now = failed_over.at + MAX_SESSION + passed
    run = Run(world)
    run.rotate("token")
    assert (REFUSED in "".join(run.refusals)) is refused


def test_without_an_answer_nothing_is_created(monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_one_key()
    contained_by_an_automation(world)
    created = world.created

    def no_answer(*_: object) -> bool:
        raise TransientError("iam:SimulatePrincipalPolicy: Throttling")

    monkeypatch.setattr(world, "may_session_read", no_answer)
    world.label_pending("token")
    with pytest.raises(TransientError):
        a_rotator(world).create_secret(SECRET, "token")
    assert world.created == created
