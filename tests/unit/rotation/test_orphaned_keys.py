from __future__ import annotations

from datetime import timedelta

import pytest

from lambdas.rotation.domain.orphaned_keys import OrphanedKeys, find_orphaned_keys
from lambdas.rotation.domain.rotation_state import RotationState, Superseded
from tests.support.builders import NOON

KEY = "AKIAORPHAN"
EARLIER, RECENTLY = NOON - timedelta(minutes=10), NOON - timedelta(seconds=10)
OVER_BEFORE = NOON - timedelta(minutes=2)

NOTHING = RotationState(secret_name="access-keys/alice")
ORPHANED = NOTHING.with_created(KEY, "token-1", EARLIER)
IN_FLIGHT = NOTHING.with_created(KEY, "token-1", RECENTLY)
STARTED = NOTHING.with_intent("token-1", (), EARLIER)
REPLACED = Superseded(access_key_id=KEY, at=EARLIER, retire_after=NOON)

CASES: list[tuple[str, RotationState, OrphanedKeys]] = [
    ("nothing is known of it", NOTHING, OrphanedKeys()),
    ("a rotation created it and is over", ORPHANED, OrphanedKeys(orphaned=(KEY,))),
    ("a rotation created it and may be under way", IN_FLIGHT, OrphanedKeys(in_flight=(KEY,))),
    (
        "a rotation works on it again",
        ORPHANED.with_promotion_started(KEY, RECENTLY),
        OrphanedKeys(in_flight=(KEY,)),
    ),
    (
        "a rotation tested it, no more",
        ORPHANED.with_tested(KEY, EARLIER),
        OrphanedKeys(orphaned=(KEY,)),
    ),
    ("a rotation was abandoned", ORPHANED.with_keys_abandoned({KEY}), OrphanedKeys(orphaned=(KEY,))),
    ("it was current once", ORPHANED.with_promoted(KEY), OrphanedKeys()),
    ("it waits for its retirement", ORPHANED.with_superseded(REPLACED), OrphanedKeys()),
    ("it was created after a rotation had started", STARTED, OrphanedKeys(unattributed=(KEY,))),
    ("it existed when the rotation started", NOTHING.with_intent("token-1", [KEY], EARLIER), OrphanedKeys()),
    (
        "it was created between two rotations",
        STARTED.with_intent("token-2", [KEY], RECENTLY),
        OrphanedKeys(unattributed=(KEY,)),
    ),
    (
        "it is recorded, whatever the intents say",
        STARTED.with_created(KEY, "token-1", EARLIER),
        OrphanedKeys(orphaned=(KEY,)),
    ),
]


@pytest.mark.parametrize(("what", "state", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_key_that_no_version_names_is_classified_by_what_was_recorded(
    what: str, state: RotationState, expected: OrphanedKeys
) -> None:
    assert find_orphaned_keys([KEY], frozenset(), state, OVER_BEFORE) == expected, what


@pytest.mark.parametrize("state", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_a_key_that_a_version_names_is_not_orphaned(state: RotationState) -> None:
    assert find_orphaned_keys([KEY], {KEY}, state, OVER_BEFORE) == OrphanedKeys()
