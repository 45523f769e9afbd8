from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from lambdas.aws.domain.iam import LastUse, ListedKey
from lambdas.rotation.domain.key_deletion import DeletionEvidence
from lambdas.rotation.domain.key_slots import inactive_key, removable_key
from lambdas.rotation.domain.rotation_state import RotationState
from tests.support.builders import NOON, key_id

OLDER, NEWER, NEWEST = "AKIAOLDER", "AKIANEWER", "AKIANEWEST"
UNUSED_SINCE = NOON - timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Held:
    """A key by its age and the time since its last use, in days; `used` is None for never."""

    age: int
    active: bool = False
    used: int | None = None
    named: bool = False
    status: str = "Inactive"


def spare(age: int = 200) -> Held:
    return Held(age=age)


CASES: list[tuple[str, list[Held], str]] = [
    ("no key", [], ""),
    ("one spare key", [spare()], OLDER),
    ("one key in use", [Held(age=200, active=True, used=0)], ""),
    ("one active key that was never used", [Held(age=200, active=True)], ""),
    ("an active key that was not used for long", [Held(age=200, active=True, used=100)], ""),
    ("a key that the secret names", [Held(age=200, named=True)], ""),
    ("a key that was used too recently", [Held(age=200, used=29)], ""),
    ("a key that was used just as long ago as asked", [Held(age=200, used=30)], ""),
    ("a key that was used long ago", [Held(age=200, used=31)], OLDER),
    ("a key that was never used but is young", [Held(age=29)], ""),
    ("a key that was never used and is old", [Held(age=31)], OLDER),
    ("an expired key", [Held(age=200, status="Expired")], OLDER),
    ("two spare keys: the oldest goes", [spare(300), spare(200)], OLDER),
    ("two spare keys in the other order", [spare(200), spare(300)], NEWER),
    ("two of one age: one and the same goes each time", [spare(), spare()], NEWER),
    ("the older one is in use", [Held(age=300, active=True), spare()], NEWER),
    ("the older one is named", [Held(age=300, named=True), spare()], NEWER),
    ("the older one was used recently", [Held(age=300, used=1), spare()], NEWER),
    ("both are in use", [Held(age=300, active=True), Held(age=200, active=True)], ""),
    ("three keys, two of them spare", [Held(age=300, active=True), spare(200), spare(250)], NEWEST),
]


@pytest.mark.parametrize(("what", "held", "expected"), CASES, ids=[case[0] for case in CASES])
def test_only_the_oldest_inactive_key_that_nothing_names_and_nobody_used_is_removable(
    what: str, held: list[Held], expected: str
) -> None:
    by_id = dict(zip((OLDER, NEWER, NEWEST), held, strict=False))
    listed = [
        ListedKey(
            access_key_id=key_id,
            status="Active" if one.active else one.status,
            created_at=NOON - timedelta(days=one.age),
        )
        for key_id, one in by_id.items()
    ]
    uses = {
        key_id: None
        if one.used is None
        else LastUse(at=NOON - timedelta(days=one.used), service="s3", region="eu-west-1")
        for key_id, one in by_id.items()
    }
    evidence = DeletionEvidence(
        state=RotationState(secret_name="access-keys/alice"),
        named=frozenset(key_id for key_id, one in by_id.items() if one.named),
        last_uses=uses,
        over_before=NOON,
        unused_since=UNUSED_SINCE,
    )
    assert removable_key(listed, evidence) == expected, what


@pytest.mark.parametrize(
    ("statuses", "current", "expected"),
    [
        (("Active", "Active"), 1, 0),
        (("Active", "Inactive"), 1, 2),
        (("Inactive", "Active"), 1, 1),
        (("Inactive", "Inactive"), 1, 2),
        (("Inactive", "Inactive"), 2, 1),
    ],
)
def test_the_one_key_whose_deletion_takes_nothing_from_anybody_is_inactive_and_rather_not_current(
    statuses: tuple[str, str], current: int, expected: int
) -> None:
    keys = [
        ListedKey(access_key_id=key_id(number), status=status, created_at=NOON)
        for number, status in enumerate(statuses, 1)
    ]
    assert inactive_key(keys, key_id(current)) == (key_id(expected) if expected else "")
