"""The decision table: when a key may be deleted, and every combination of what can be known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.domain.iam import LastUse, ListedKey
from lambdas.rotation.domain.fail_overs import LentKey
from lambdas.rotation.domain.key_deletion import Deletion, DeletionEvidence, OtherSecret, decide_deletion
from lambdas.rotation.domain.rotation_state import RotationState, Superseded
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "AKIAKEY"
EARLIER, RECENTLY = NOON - timedelta(minutes=10), NOON - timedelta(seconds=10)
LONG_AGO, DAY = NOON - timedelta(days=200), timedelta(days=1)

NOTHING = RotationState(secret_name="access-keys/alice")
CREATED = NOTHING.with_created(KEY, "token-1", EARLIER)
IN_FLIGHT = NOTHING.with_created(KEY, "token-1", RECENTLY)
STARTED = NOTHING.with_intent("token-1", (), EARLIER)
STARTED_AGAIN = STARTED.with_intent("token-2", [KEY], RECENTLY)
REPLACED = NOTHING.with_superseded(Superseded(access_key_id=KEY, at=EARLIER, retire_after=NOON))
LENT = NOTHING.with_lent(LentKey(access_key_id=KEY, borrower="access-keys/bob", since=EARLIER))
STATES = {
    "nothing": NOTHING,
    "created": CREATED,
    "tested": CREATED.with_tested(KEY, EARLIER),
    "abandoned": CREATED.with_keys_abandoned({KEY}),
    "in flight": IN_FLIGHT,
    "worked on again": CREATED.with_promotion_started(KEY, "", RECENTLY),
    "promoted": CREATED.with_promoted(KEY),
    "replaced": REPLACED,
    "lent": LENT,
    "new to an intent": STARTED,
    "new to an intent, and a run has just started": STARTED_AGAIN,
    "older than the intent": NOTHING.with_intent("token-1", [KEY], EARLIER),
    "created, whatever the intents say": STARTED.with_created(KEY, "token-1", EARLIER),
}
OTHER = RotationState(secret_name="access-keys/alice-2")
CONTAINS = OTHER.with_observed_keys(KEY, "", NOON, timedelta())
OTHERS = {
    "none": (),
    "unconcerned": (OtherSecret(state=OTHER),),
    "named": (OtherSecret(state=OTHER, named=frozenset({KEY})),),
    "contained": (OtherSecret(state=CONTAINS),),
    "contained once": (OtherSecret(state=CONTAINS, exists=False),),
    "lost": (OtherSecret(state=OTHER.with_created(KEY, "token-b", EARLIER)),),
    "promoted once": (OtherSecret(state=OTHER.with_created(KEY, "token-b", EARLIER).with_promoted(KEY)),),
}
UNREAD: dict[str, LastUse | None] = {}
NEVER: dict[str, LastUse | None] = {KEY: None}


def used(days_ago: int) -> dict[str, LastUse | None]:
    return {KEY: LastUse(at=NOON - days_ago * DAY, service="s3", region="eu-west-1")}


def a_key(status: str = "Active") -> ListedKey:
    return ListedKey(access_key_id=KEY, status=status, created_at=LONG_AGO)


def evidence(
    state: RotationState,
    *,
    named: bool = False,
    in_service: bool = False,
    others: tuple[OtherSecret, ...] = (),
    created_for: bool | None = None,
    uses: dict[str, LastUse | None] = UNREAD,
) -> DeletionEvidence:
    return DeletionEvidence(
        state=state,
        named=frozenset({KEY} if named or in_service else ()),
        in_service=frozenset({KEY} if in_service else ()),
        others=others,
        created_for={KEY: created_for},
        last_uses=uses,
        over_before=NOON - timedelta(minutes=2),
        unused_since=NOON - 30 * DAY,
    )


CASES: list[tuple[str, DeletionEvidence, Deletion]] = [
    ("nothing is known of it", evidence(NOTHING), Deletion.KEPT),
    ("a rotation created it and is over", evidence(CREATED), Deletion.LOST),
    ("a rotation created it and may be under way", evidence(IN_FLIGHT), Deletion.IN_FLIGHT),
    ("a rotation works on it again", evidence(STATES["worked on again"]), Deletion.IN_FLIGHT),
    ("a rotation tested it, no more", evidence(STATES["tested"]), Deletion.LOST),
    ("a rotation was abandoned", evidence(STATES["abandoned"]), Deletion.LOST),
    ("it was current once", evidence(STATES["promoted"]), Deletion.KEPT),
    ("it waits for its retirement", evidence(REPLACED), Deletion.KEPT),
    ("it is lent", evidence(LENT), Deletion.KEPT),
    ("it was created after a rotation had started", evidence(STARTED), Deletion.UNATTRIBUTED),
    ("it existed when the rotation started", evidence(STATES["older than the intent"]), Deletion.KEPT),
    ("it was created between two rotations", evidence(STARTED_AGAIN), Deletion.UNATTRIBUTED),
    (
        "it is recorded, whatever the intents say",
        evidence(STATES["created, whatever the intents say"]),
        Deletion.LOST,
    ),
    ("a version names it", evidence(CREATED, named=True), Deletion.KEPT),
    ("a person created it meanwhile", evidence(STARTED, created_for=False), Deletion.KEPT),
    ("CloudTrail says that we created it", evidence(STARTED, created_for=True), Deletion.LOST),
    (
        "CloudTrail says so, but a run has just started",
        evidence(STARTED_AGAIN, created_for=True),
        Deletion.IN_FLIGHT,
    ),
    (
        "CloudTrail says so, but nothing of ours began before",
        evidence(NOTHING, created_for=True),
        Deletion.KEPT,
    ),
    *(
        (f"it is ours, and for another secret it is {what}", evidence(CREATED, others=others), expected)
        for what, others, expected in (
            ("nothing", OTHERS["unconcerned"], Deletion.LOST),
            ("in a version", OTHERS["named"], Deletion.KEPT),
            ("recorded as its current key", OTHERS["contained"], Deletion.KEPT),
            ("the last one before it was deleted", OTHERS["contained once"], Deletion.KEPT),
            ("one that it lost itself", OTHERS["lost"], Deletion.KEPT),
            ("one of its past keys", OTHERS["promoted once"], Deletion.KEPT),
        )
    ),
]


@pytest.mark.parametrize(("what", "known", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_live_key_is_deleted_only_if_a_rotation_of_the_secret_provably_lost_it(
    what: str, known: DeletionEvidence, expected: Deletion
) -> None:
    assert decide_deletion(a_key(), known) is expected, what


INACTIVE: list[tuple[str, DeletionEvidence, bool, Deletion]] = [
    ("it was used long ago", evidence(NOTHING, uses=used(31)), False, Deletion.UNUSED),
    ("it was used too recently", evidence(NOTHING, uses=used(30)), False, Deletion.KEPT),
    ("it was never used, and is old", evidence(NOTHING, uses=NEVER), False, Deletion.UNUSED),
    ("its use was not read", evidence(NOTHING), False, Deletion.KEPT),
    ("a version names it", evidence(NOTHING, named=True, uses=NEVER), False, Deletion.KEPT),
    (
        "another secret names it",
        evidence(NOTHING, others=OTHERS["named"], uses=NEVER),
        False,
        Deletion.KEPT,
    ),
    (
        "the state of another secret names it",
        evidence(NOTHING, others=OTHERS["contained"], uses=NEVER),
        False,
        Deletion.KEPT,
    ),
    (
        "a secret that is gone named it",
        evidence(NOTHING, others=OTHERS["contained once"], uses=NEVER),
        False,
        Deletion.UNUSED,
    ),
    ("nobody knows who created it", evidence(STARTED, uses=NEVER), False, Deletion.UNUSED),
    ("a run may use it", evidence(IN_FLIGHT, uses=NEVER), False, Deletion.IN_FLIGHT),
    ("it waits for its retirement", evidence(REPLACED, uses=NEVER), False, Deletion.KEPT),
    ("its retirement is due", evidence(REPLACED, named=True), True, Deletion.RETIRED),
    ("it is in service again", evidence(REPLACED, in_service=True), True, Deletion.KEPT),
    ("it is due, and lent", evidence(LENT), True, Deletion.KEPT),
    ("it is due, and another's", evidence(REPLACED, others=OTHERS["named"]), True, Deletion.KEPT),
    ("it is due, but was never replaced", evidence(NOTHING, named=True), True, Deletion.KEPT),
]


@pytest.mark.parametrize(("what", "known", "due", "expected"), INACTIVE, ids=[case[0] for case in INACTIVE])
def test_an_inactive_key_goes_by_retirement_or_if_nothing_needs_it_and_nobody_used_it(
    what: str, known: DeletionEvidence, due: bool, expected: Deletion
) -> None:
    assert decide_deletion(a_key("Inactive"), known, is_retirement_due=due) is expected, what


@dataclass(frozen=True)
class Combination:
    key: ListedKey
    known: DeletionEvidence
    due: bool

    @property
    def decision(self) -> Deletion:
        return decide_deletion(self.key, self.known, is_retirement_due=self.due)

    @property
    def is_another_secrets(self) -> bool:
        return any(other.accounts_for(self.key) for other in self.known.others)


COMBINATIONS = [
    Combination(
        a_key(status),
        evidence(
            state,
            named=place == "named",
            in_service=place == "in service",
            others=others,
            created_for=created_for,
            uses=uses,
        ),
        due,
    )
    for status, state, place, others, created_for, uses, due in product(
        ("Active", "Inactive", "Expired"),
        STATES.values(),
        ("", "named", "in service"),
        OTHERS.values(),
        (None, False, True),
        (UNREAD, NEVER, used(29), used(31)),
        (False, True),
    )
]


def is_(*decisions: Deletion) -> Callable[[Combination], bool]:
    return lambda it: it.decision in decisions


MUST_HOLD: dict[str, tuple[Callable[[Combination], bool], Callable[[Combination], bool]]] = {
    "a live key is deleted only as lost": (
        lambda it: it.key.is_active,
        is_(Deletion.LOST, Deletion.IN_FLIGHT, Deletion.UNATTRIBUTED, Deletion.KEPT),
    ),
    "a lost key is named by no version, and by nothing of another secret": (
        is_(Deletion.LOST),
        lambda it: not it.known.named and not it.is_another_secrets,
    ),
    "a lost key was created by a rotation of this secret, and never promoted": (
        is_(Deletion.LOST),
        lambda it: (
            it.known.created_for[KEY] is True
            if (created := it.known.state.created_key(KEY)) is None
            else not created.promoted
        ),
    ),
    "a retired key is inactive, replaced, due and not in service": (
        is_(Deletion.RETIRED),
        lambda it: (
            not it.key.is_active
            and it.due
            and KEY in it.known.state.superseded_ids
            and not it.known.in_service
        ),
    ),
    "an unused key is inactive, and no version and no state needs it": (
        is_(Deletion.UNUSED),
        lambda it: (
            not it.key.is_active
            and not it.known.named
            and not it.known.needed_by(KEY)
            and not it.known.state.superseded_ids | it.known.state.lent_ids
        ),
    ),
    "an unused key was read to be unused": (
        is_(Deletion.UNUSED),
        lambda it: it.known.last_uses in (NEVER, used(31)),
    ),
    "what another secret needs is kept": (
        lambda it: bool(it.known.needed_by(KEY)),
        is_(Deletion.KEPT),
    ),
    "what a version of its own secret names goes only by retirement": (
        lambda it: bool(it.known.named),
        is_(Deletion.KEPT, Deletion.RETIRED),
    ),
}


@pytest.mark.parametrize("rule", MUST_HOLD)
def test_whatever_is_known_of_a_key_the_rule_holds(rule: str) -> None:
    concerned, holds = MUST_HOLD[rule]
    found = [it for it in COMBINATIONS if concerned(it)]
    assert [it for it in found if not holds(it)] == []
    assert found
