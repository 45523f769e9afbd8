"""Whose key is lent to whom, and every reason for which none is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambdas.errors import TransientError
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.ports import RefusedError
from tests.support.fail_over_scenarios import (
    rotated,
    rotated_and_dead,
    with_a_backup,
    without_a_slot,
    without_its_user,
)
from tests.support.rotation_runs import a_fail_over
from tests.support.rotation_simulation import BACKUP, SECRET, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.rotation.domain.rotation_state import RotationState

QUARANTINE = "AWSCompromisedKeyQuarantineV3"


def backup_of(world: RotationWorld) -> RotationWorld:
    assert world.backup
    return world.backup


def quarantined(world: RotationWorld) -> None:
    world.policy = QUARANTINE


def stopped(world: RotationWorld) -> None:
    world.kill_switch = True


def bound_to_another(world: RotationWorld) -> None:
    world.secret_tags = {USER_ID_TAG: "AIDAOTHER"}


def readable_by_its_user(world: RotationWorld) -> None:
    world.resource_policy = '{"Statement": [{"Effect": "Allow", "Principal": "*"}]}'


def allowed_by_its_own_policies(world: RotationWorld) -> None:
    world.may_read_by_itself = True


def with_a_free_slot(world: RotationWorld) -> None:
    world.a_person_deletes(world.current_key())


def backup_quarantined(world: RotationWorld) -> None:
    quarantined(backup_of(world))


def backup_not_enrolled(world: RotationWorld) -> None:
    backup_of(world).tags = {}


def backup_bound_to_another(world: RotationWorld) -> None:
    bound_to_another(backup_of(world))


def backup_gone(world: RotationWorld) -> None:
    backup_of(world).a_person_deletes_the_user()


def backup_with_a_dead_key(world: RotationWorld) -> None:
    backup = backup_of(world)
    backup.a_person_switches(backup.current_key(), on=False)


def backup_without_a_key(world: RotationWorld) -> None:
    backup_of(world).put_current("")


REFUSED: dict[Callable[[RotationWorld], None], str] = {
    quarantined: "quarantined",
    stopped: "kill switch",
    bound_to_another: "binding refused",
    readable_by_its_user: "resource policy",
    allowed_by_its_own_policies: "the policies of alice",
    with_a_free_slot: "can have a new key",
    backup_quarantined: "quarantined",
    backup_not_enrolled: "not enrolled",
    backup_bound_to_another: "binding refused",
    backup_gone: "not enrolled",
    backup_with_a_dead_key: "not active",
    backup_without_a_key: "has no key",
}


@pytest.mark.parametrize(("spoil", "reason"), list(REFUSED.items()))
def test_each_reason_for_which_nothing_is_lent_is_named_and_nothing_is_changed(
    spoil: Callable[[RotationWorld], None], reason: str
) -> None:
    world = without_a_slot()
    spoil(world)
    with pytest.raises(RefusedError, match=reason):
        a_fail_over(world).to_backup(SECRET, BACKUP, "token")
    assert not {"write", "put_loan", "promote"} & set(world.calls)


def test_a_backup_that_the_configuration_does_not_name_lends_nothing() -> None:
    with pytest.raises(RefusedError, match="does not name mallory"):
        a_fail_over(without_a_slot()).to_backup(SECRET, "mallory", "token")


@pytest.mark.parametrize("spoil", [stopped, bound_to_another, readable_by_its_user])
def test_the_same_guardrails_apply_to_a_deleted_user(spoil: Callable[[RotationWorld], None]) -> None:
    world = without_its_user()
    spoil(world)
    with pytest.raises(RefusedError):
        a_fail_over(world).to_backup(SECRET, BACKUP, "token")


def test_a_deleted_user_has_no_policies_of_its_own() -> None:
    world = without_its_user()
    allowed_by_its_own_policies(world)
    assert a_fail_over(world).to_backup(SECRET, BACKUP, "token").changed
    assert "may_read" not in world.calls


def test_a_later_user_of_the_name_borrows_nothing() -> None:
    world = without_a_slot()
    world.user_id = "AIDANEWALICE"
    with pytest.raises(RefusedError, match="earlier one of the same name"):
        a_fail_over(world).to_backup(SECRET, BACKUP, "token")


def test_a_secret_that_names_a_working_key_is_left_as_it_is() -> None:
    world = with_a_backup(rotated())
    carried = a_fail_over(world).to_backup(SECRET, BACKUP, "token")
    assert (carried.changed, carried.access_key_id) == (False, world.current_key())


@pytest.mark.parametrize("spoil", [quarantined, stopped, bound_to_another])
def test_nor_does_a_secret_return_to_its_previous_key_against_a_guardrail(
    spoil: Callable[[RotationWorld], None],
) -> None:
    world = rotated_and_dead()
    spoil(world)
    with pytest.raises(RefusedError):
        a_fail_over(world).to_previous(SECRET, "token")
    assert "promote" not in world.calls


def test_a_previous_key_that_somebody_deactivated_is_left_alone() -> None:
    world = rotated_and_dead()
    world.a_person_switches(world.values["first"].key_id, on=False)
    with pytest.raises(RefusedError, match="no longer active"):
        a_fail_over(world).to_previous(SECRET, "token")


def test_the_secret_does_not_return_to_a_dead_key_when_the_other_dies_too() -> None:
    world = rotated_and_dead()
    a_fail_over(world).to_previous(SECRET, "token")
    world.an_automation_deactivates(world.current_key())
    with pytest.raises(RefusedError, match="no longer active"):
        a_fail_over(world).to_previous(SECRET, "another")


@pytest.mark.parametrize("call", ["policy_of", "may_read"])
def test_nothing_is_concluded_from_what_cannot_be_read(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = without_a_slot()

    def unreadable(*_: object) -> None:
        raise TransientError("AccessDenied")

    monkeypatch.setattr(world, call, unreadable)
    with pytest.raises(TransientError):
        a_fail_over(world).to_backup(SECRET, BACKUP, "token")
    assert "promote" not in world.calls


def test_a_policy_that_is_set_before_the_loan_is_recorded_prevents_the_loan() -> None:
    world = without_a_slot()
    written = world.write

    def let_in_meanwhile(state: RotationState) -> RotationState:
        if state.loan:
            readable_by_its_user(world)
        return written(state)  # type: ignore[no-any-return] # it is wrapped

    world.write = let_in_meanwhile  # type: ignore[method-assign]
    with pytest.raises(RefusedError, match="resource policy"):
        a_fail_over(world).to_backup(SECRET, BACKUP, "token")
    assert not {"put_loan", "promote"} & set(world.calls)


def test_an_answer_shows_no_secret() -> None:
    world = without_a_slot()
    carried = a_fail_over(world).to_backup(SECRET, BACKUP, "token")
    assert "secret-" not in repr(carried) + repr(world.states)
