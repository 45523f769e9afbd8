from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.aws.domain.iam import KeyChange
from lambdas.rotation.domain.creation_agent import creation_agent
from lambdas.rotation.key_attribution import RecordedKeyAttribution
from tests.support.builders import NOON, key_id
from tests.support.fakes import FakeTrail

KEY, SECRET = key_id(), "access-keys/alice"
US, ROTATION, PERSON = "assumed-role/Retire/x", "assumed-role/Rotate/x", "user/bob"
BOT = "assumed-role/Bot/x"


def switched(minute: int, status: str, by: str) -> KeyChange:
    at = NOON + timedelta(minutes=minute)
    return KeyChange(event_name="UpdateAccessKey", at=at, by=by, user_name="alice", status=status)


def created(minute: int, by: str, agent: str = "") -> KeyChange:
    return replace(switched(minute, "", by), event_name="CreateAccessKey", user_agent=agent)


def attribution(*changes: KeyChange) -> RecordedKeyAttribution:
    return RecordedKeyAttribution(
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
    assert attribution(*changes).deactivated_by_us(KEY) is by_us


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
    assert attribution(*changes).contained_at(KEY) == expected


@pytest.mark.parametrize(
    ("creator", "agent", "expected"),
    [
        (ROTATION, f"Boto3/1.43 {creation_agent(SECRET)}", True),
        (ROTATION, f"Boto3/1.43 {creation_agent('access-keys/other')}", False),
        (ROTATION, "Boto3/1.43", False),
        ("assumed-role/RotateOther/x", creation_agent(SECRET), False),
        (PERSON, creation_agent(SECRET), False),
    ],
    ids=["for this secret", "for another secret", "for none", "another role", "a person says so"],
)
def test_a_key_was_created_for_a_secret_if_our_role_said_so_in_its_call(
    creator: str, agent: str, expected: bool
) -> None:
    assert attribution(created(0, creator, agent)).created_for(KEY, SECRET) is expected


def test_of_several_records_of_a_creation_the_earliest_counts() -> None:
    ours, forged = created(1, ROTATION, creation_agent(SECRET)), created(0, PERSON)
    assert attribution(forged, ours).created_for(KEY, SECRET) is False
    assert attribution(ours, forged).created_for(KEY, SECRET) is False


def test_who_created_a_key_is_unknown_without_a_record() -> None:
    assert attribution(switched(0, "Inactive", US)).created_for(KEY, SECRET) is None
