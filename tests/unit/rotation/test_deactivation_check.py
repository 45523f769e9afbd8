"""An automation deactivated a key if CloudTrail's history says so; a record in the ledger is no proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.rotation.deactivation_check import DeactivationCheck
from lambdas.rotation.domain.deactivation import DeactivatedBy
from tests.support.builders import NOON, a_change, key_id
from tests.support.fakes import FakeTrail

if TYPE_CHECKING:
    from lambdas.aws.domain.iam import KeyChange

KEY = key_id()
BOT, PERSON = "assumed-role/Bot/run", "assumed-role/Admin/carol"
BY_BOT = replace(a_change("UpdateAccessKey", status="Inactive"), by=BOT, at=NOON)
BY_PERSON = replace(BY_BOT, by=PERSON, at=NOON - timedelta(minutes=5))
ACTIVATED = replace(BY_BOT, status="Active", by=PERSON, at=NOON - timedelta(minutes=1))
DELETED = replace(BY_BOT, event_name="DeleteAccessKey", status="", at=NOON + timedelta(minutes=1))


def check(known: tuple[KeyChange, ...], recorded: tuple[KeyChange, ...]) -> DeactivatedBy:
    trail = FakeTrail(histories={KEY: recorded})
    found = DeactivationCheck(trail=trail, automations=("assumed-role/Bot/",))
    return found.deactivated_by(KEY, known)


@pytest.mark.parametrize(
    ("known", "recorded"),
    [
        ((BY_BOT,), (BY_BOT,)),
        ((BY_BOT,), (replace(BY_BOT, user_name="renamed"),)),
        ((BY_BOT, ACTIVATED, BY_PERSON), (BY_BOT, ACTIVATED, BY_PERSON)),
        ((DELETED, BY_BOT), (DELETED, BY_BOT)),
    ],
)
def test_what_the_history_confirms_is_an_automations(
    known: tuple[KeyChange, ...], recorded: tuple[KeyChange, ...]
) -> None:
    assert check(known, recorded) is DeactivatedBy.AUTOMATION


@pytest.mark.parametrize(
    "recorded",
    [
        (),
        (BY_PERSON,),
        (replace(BY_BOT, at=NOON - timedelta(seconds=1)),),
        (replace(BY_BOT, by="assumed-role/Bot/another"),),
        (ACTIVATED,),
    ],
    ids=["nothing", "a person's", "another time", "another session", "the activation before"],
)
def test_a_record_that_the_history_does_not_have_is_not_confirmed(recorded: tuple[KeyChange, ...]) -> None:
    assert check((BY_BOT,), recorded) is DeactivatedBy.UNCONFIRMED


def test_a_person_who_deactivated_the_key_before_is_found_in_the_history() -> None:
    """The ledger keeps the last change only."""
    assert check((BY_BOT,), (BY_BOT, BY_PERSON)) is DeactivatedBy.ANYBODY


@pytest.mark.parametrize("known", [(), (BY_PERSON,), (DELETED, BY_PERSON), (ACTIVATED,)])
def test_without_a_record_of_an_automation_the_history_is_not_read(known: tuple[KeyChange, ...]) -> None:
    trail = FakeTrail(fails=True)
    found = DeactivationCheck(trail=trail, automations=("assumed-role/Bot/",))
    assert found.deactivated_by(KEY, known) is DeactivatedBy.ANYBODY


def test_a_history_that_cannot_be_read_confirms_nothing() -> None:
    found = DeactivationCheck(trail=FakeTrail(fails=True), automations=("assumed-role/Bot/",))
    assert found.deactivated_by(KEY, (BY_BOT,)) is DeactivatedBy.UNCONFIRMED
