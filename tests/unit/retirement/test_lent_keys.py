"""What a loan means for the retirement of the lender's own keys."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lambdas.retirement.domain.retirement import Step
from lambdas.rotation.domain.rotation_state import Superseded
from lambdas.rotation.ports import SecretGoneError
from tests.support.fail_over_scenarios import without_a_slot
from tests.support.rotation_runs import Run, a_fail_over, a_retirer
from tests.support.rotation_simulation import BACKUP, BACKUP_SECRET, SECRET, RotationWorld

HOUR = timedelta(hours=1)


def rotated_and_lent(*, lends: bool = True) -> tuple[RotationWorld, RotationWorld, str]:
    """The lender's own consumer has not read its secret since: it runs once a day."""
    world = without_a_slot()
    lender = world.backup
    assert lender
    old = lender.current_key()
    run = Run(world, consumes=False)
    run.rotate("token-b", BACKUP_SECRET)
    assert run.completed
    world.now += HOUR
    world.synchronise_clock()
    if lends:
        a_fail_over(world).to_backup(SECRET, BACKUP, "token-f")
    return world, lender, old


def hours_pass(world: RotationWorld, hours: int, *, borrower_calls: bool = False) -> None:
    for _ in range(hours):
        world.now += HOUR
        if borrower_calls:
            world.consume()
        world.synchronise_clock()
        a_retirer(world).process(BACKUP_SECRET)
        a_retirer(world).process(SECRET)


@pytest.mark.parametrize("lends", [False, True])
def test_the_test_of_a_lent_key_is_no_use_by_the_lenders_consumer(*, lends: bool) -> None:
    world, lender, old = rotated_and_lent(lends=lends)
    hours_pass(world, 72)
    assert lender.user_keys[old].active


def test_a_borrowers_calls_do_not_retire_the_key_that_the_lenders_consumer_holds() -> None:
    world, lender, old = rotated_and_lent()
    hours_pass(world, 72, borrower_calls=True)
    assert lender.user_keys[old].active


def test_nor_do_they_once_the_loan_is_over_but_the_lenders_consumer_does() -> None:
    world, lender, old = rotated_and_lent()
    hours_pass(world, 30, borrower_calls=True)
    dead = next(key for key in world.user_keys if key != world.values["first"].key_id)
    world.a_person_deletes(dead)
    run = Run(world)
    run.rotate("token-2")
    assert run.completed
    hours_pass(world, 48, borrower_calls=True)
    assert world.states[BACKUP_SECRET].lent == ()
    assert lender.user_keys[old].active
    lender.consume()
    hours_pass(world, 24)
    assert not lender.user_keys[old].active


def test_a_borrowed_key_that_works_is_not_called_dead_in_the_reminder_nor_retires_anything() -> None:
    world = without_a_slot()
    Run(world).fail_over("token", backup=BACKUP)
    state = world.states[SECRET]
    spare = next(key for key in world.user_keys if key not in state.superseded_ids)
    world.user_keys[spare].active = True
    replaced = Superseded(access_key_id=spare, at=world.now, retire_after=world.now)
    world.states[SECRET] = state.with_superseded(replaced)
    world.now += HOUR
    world.consume()
    world.synchronise_clock()
    (seen,) = (one.facts for one in a_retirer(world).process(SECRET) if one.step is Step.REMIND)
    assert (seen.successor_is_alive, seen.successor_is_borrowed) == (True, True)


def secret_is_gone(call: str, args: tuple[object, ...], _kwargs: object) -> None:
    if call == "describe_secret" and args[0] == SECRET:
        raise SecretGoneError("there is no such secret")


def test_a_loan_to_a_secret_that_is_gone_is_over_and_the_lenders_replaced_key_is_retired() -> None:
    """The natural end of a loan to a deleted user: the state of its secret keeps the loan for good."""
    world, lender, old = rotated_and_lent()
    world.watchers.append(secret_is_gone)
    for _ in range(2):
        world.now += HOUR
        world.synchronise_clock()
        a_retirer(world).process(BACKUP_SECRET)
    assert world.states[BACKUP_SECRET].lent == ()
    for _ in range(30):
        world.now += HOUR
        world.synchronise_clock()
        lender.consume()
        a_retirer(world).process(BACKUP_SECRET)
    assert not lender.user_keys[old].active


def test_a_loan_to_a_secret_that_can_be_restored_goes_on() -> None:
    world, lender, old = rotated_and_lent()
    world.is_being_deleted = True
    for _ in range(72):
        world.now += HOUR
        world.synchronise_clock()
        lender.consume()
        a_retirer(world).process(BACKUP_SECRET)
    assert world.states[BACKUP_SECRET].lent
    assert lender.user_keys[old].active
