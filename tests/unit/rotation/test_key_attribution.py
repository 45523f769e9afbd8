from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.aws.domain.iam import KeyChange
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.rotation.key_attribution import RecordedKeyAttribution
from tests.support.builders import NOON, key_id
from tests.support.fakes import FakeLedger, FakeTrail

KEY = key_id()
US, ROTATION, PERSON = "assumed-role/Retire/x", "assumed-role/Rotate/x", "user/bob"
BOT = "assumed-role/Bot/x"


def switched(minute: int, status: str, by: str) -> KeyChange:
    at = NOON + timedelta(minutes=minute)
    return KeyChange(event_name="UpdateAccessKey", at=at, by=by, user_name="alice", status=status)


def creators(*changes: KeyChange, entry: KeyEntry | None = None) -> RecordedKeyAttribution:
    ledger = FakeLedger(entries={KEY: entry} if entry else {})
    return RecordedKeyAttribution(
        ledger=ledger,
        trail=FakeTrail({KEY: changes}),
        rotation_role="Rotate",
        retirement_role="Retire",
        automations=("assumed-role/Bot/",),
    )


@pytest.mark.parametrize(
    ("changes", "by_us"),
    [
        ((), None),
        ((switched(0, "Inactive", US),), True),
        ((switched(0, "Inactive", PERSON),), False),
        ((switched(0, "Inactive", PERSON), switched(1, "Inactive", US)), False),
        ((switched(0, "Inactive", US), switched(1, "Inactive", PERSON)), False),
        ((switched(0, "Inactive", US), switched(1, "Inactive", BOT)), False),
        ((switched(0, "Inactive", US), switched(1, "Inactive", US)), True),
        ((switched(0, "Inactive", US), switched(1, "Active", PERSON)), None),
        (
            (
                switched(0, "Inactive", PERSON),
                switched(1, "Active", PERSON),
                switched(2, "Inactive", US),
            ),
            True,
        ),
    ],
)
def test_a_key_was_deactivated_by_us_if_nobody_else_did_so_too(
    changes: tuple[KeyChange, ...], by_us: bool | None
) -> None:
    assert creators(*changes).deactivated_by_us(KEY) is by_us


@pytest.mark.parametrize(
    ("changes", "minute"),
    [
        ((), None),
        ((switched(0, "Inactive", BOT),), 0),
        ((switched(0, "Inactive", US),), None),
        ((switched(0, "Inactive", PERSON),), None),
        ((switched(0, "Inactive", BOT), switched(1, "Inactive", PERSON)), None),
        ((switched(0, "Inactive", PERSON), switched(1, "Inactive", BOT)), None),
        ((switched(0, "Inactive", BOT), switched(1, "Inactive", US)), 0),
        ((switched(0, "Inactive", BOT), switched(1, "Active", PERSON)), None),
        ((switched(0, "Inactive", PERSON), switched(1, "Active", BOT), switched(2, "Inactive", BOT)), 2),
    ],
)
def test_a_key_is_contained_by_an_automation_only_while_no_person_wants_it_off(
    changes: tuple[KeyChange, ...], minute: int | None
) -> None:
    expected = None if minute is None else NOON + timedelta(minutes=minute)
    assert creators(*changes).contained_at(KEY) == expected


def test_the_ledger_answers_if_the_history_does_not() -> None:
    entry = KeyEntry(access_key_id=KEY, recorded_status=Observed(value="Inactive", at=NOON, by=US))
    assert creators(entry=entry).deactivated_by_us(KEY) is True
    assert creators(entry=replace(entry, created_at=NOON, created_by=ROTATION)).created_by_us(KEY) is True


def test_a_role_whose_name_begins_like_ours_is_not_ours() -> None:
    made = replace(switched(0, "", "assumed-role/RotateOther/x"), event_name="CreateAccessKey")
    assert creators(made).created_by_us(KEY) is False


def test_who_created_a_key_is_unknown_without_a_record() -> None:
    assert creators().created_by_us(KEY) is None
