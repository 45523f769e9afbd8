from __future__ import annotations

from datetime import timedelta

import pytest

from lambdas.rotation.domain.orphaned_keys import OrphanedKeys, strays
from lambdas.rotation.domain.rotation_state import RotationState, Superseded
from tests.support.builders import NOON

KEY = "AKIASTRAY"
EARLIER, LATELY = NOON - timedelta(minutes=10), NOON - timedelta(seconds=10)
OVER_BEFORE = NOON - timedelta(minutes=2)

NOTHING = RotationState(secret_name="access-keys/alice")
LOST = NOTHING.with_made(KEY, "token-1", EARLIER)
FRESH = NOTHING.with_made(KEY, "token-1", LATELY)
BEGUN = NOTHING.with_intent("token-1", (), EARLIER)
REPLACED = Superseded(access_key_id=KEY, at=EARLIER, retire_after=NOON)

CASES: list[tuple[str, RotationState, OrphanedKeys]] = [
    ("nothing is known of it", NOTHING, OrphanedKeys()),
    ("a rotation made it that is over", LOST, OrphanedKeys(lost=(KEY,))),
    ("a rotation made it that may be under way", FRESH, OrphanedKeys(fresh=(KEY,))),
    ("a rotation is at it again", LOST.with_promotion_begun(KEY, LATELY), OrphanedKeys(fresh=(KEY,))),
    ("a rotation tested it and got no further", LOST.with_tested(KEY, EARLIER), OrphanedKeys(lost=(KEY,))),
    ("a rotation was given up", LOST.given_up({KEY}), OrphanedKeys(lost=(KEY,))),
    ("it was in service once", LOST.with_promoted(KEY), OrphanedKeys()),
    ("it waits for its retirement", LOST.with_superseded(REPLACED), OrphanedKeys()),
    ("it came after a rotation had begun", BEGUN, OrphanedKeys(doubtful=(KEY,))),
    ("it was there when the rotation began", NOTHING.with_intent("token-1", [KEY], EARLIER), OrphanedKeys()),
    (
        "it came between two rotations",
        BEGUN.with_intent("token-2", [KEY], LATELY),
        OrphanedKeys(doubtful=(KEY,)),
    ),
    (
        "it is recorded, whatever the intents say",
        BEGUN.with_made(KEY, "token-1", EARLIER),
        OrphanedKeys(lost=(KEY,)),
    ),
]


@pytest.mark.parametrize(("what", "state", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_key_that_no_version_names_is_judged_by_what_was_written_down(
    what: str, state: RotationState, expected: OrphanedKeys
) -> None:
    assert strays([KEY], (), state, OVER_BEFORE) == expected, what


@pytest.mark.parametrize("state", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_a_key_that_a_version_names_is_no_stray(state: RotationState) -> None:
    assert strays([KEY], {KEY}, state, OVER_BEFORE) == OrphanedKeys()
