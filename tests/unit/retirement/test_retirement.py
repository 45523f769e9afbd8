"""Every combination of what can be known of a replaced key, against what must hold of the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, cached_property
from itertools import product
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.domain.iam import LastUse, ListedKey
from lambdas.retirement.domain.retirement import RetirementFacts, RetirementPolicy, Step, next_step
from lambdas.rotation.domain.rotation_state import Superseded
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

HOUR = timedelta(hours=1)
POLICY = RetirementPolicy(grace=24 * HOUR, quiet=6 * HOUR, until_deletion=48 * HOUR, unused_for=720 * HOUR)
REPLACED_AT = NOON - 100 * HOUR


@dataclass(frozen=True, kw_only=True)
class Combination:
    superseded: Superseded
    facts: RetirementFacts
    terms: RetirementPolicy

    @cached_property
    def step(self) -> Step:
        return next_step(self.superseded, self.facts, self.terms, NOON)

    @property
    def is_active(self) -> bool:
        return bool(self.facts.listed and self.facts.listed.is_active)


def used(at: datetime | None) -> LastUse | None:
    return LastUse(at=at, service="s3", region="eu-west-1") if at else None


def listed(status: str) -> ListedKey | None:
    key = ListedKey(access_key_id="AKIAOLD", status=status, created_at=NOON - 9000 * HOUR)
    return key if status else None


SUPERSEDED = [
    Superseded(
        access_key_id="AKIAOLD",
        at=REPLACED_AT,
        retire_after=retire_after,
        retiring_at=retiring_at,
        deactivated_at=deactivated_at,
    )
    for retire_after, (retiring_at, deactivated_at) in product(
        (NOON - HOUR, NOON, NOON + HOUR),
        (
            (None, None),
            (NOON - HOUR, None),
            (NOON - HOUR, NOON - HOUR),
            (NOON - 48 * HOUR, NOON - 48 * HOUR),
            (NOON - 49 * HOUR, None),
            (None, NOON - 49 * HOUR),
        ),
    )
]
SUPERSEDED += [
    Superseded(
        access_key_id="AKIAOLD",
        at=REPLACED_AT,
        retire_after=NOON - HOUR,
        retiring_at=retiring_at,
        found_off_at=found_off_at,
        announced_at=announced_at,
    )
    for retiring_at, (found_off_at, announced_at) in product(
        (None, NOON - 49 * HOUR),
        (
            (NOON - 720 * HOUR, None),
            (NOON - 719 * HOUR, None),
            (NOON - 768 * HOUR, NOON - 48 * HOUR),
            (NOON - 768 * HOUR, NOON - 47 * HOUR),
        ),
    )
]
FACTS = [
    RetirementFacts(
        listed=listed(status),
        last_use=used(last_use),
        successor_use=used(successor_use),
        is_named=is_named,
        successor_is_alive=alive,
        successor_since=since,
        deactivated_by_us=by_us,
        has_failed_calls=has_failed_calls,
        contained_at=contained_at,
        lends=lends,
        returned_at=returned_at,
        unbound=unbound,
        guardrail=guardrail,
    )
    for status, last_use, successor_use, is_named, alive, since, by_us, has_failed_calls, (
        contained_at,
        lends,
        returned_at,
        unbound,
        guardrail,
    ) in product(
        ("Active", "Inactive", "Expired", ""),
        (None, NOON - 8 * HOUR, NOON - 6 * HOUR, NOON - HOUR),
        (None, REPLACED_AT, REPLACED_AT + HOUR / 4, NOON - 2 * HOUR),
        (False, True),
        (False, True),
        (None, NOON - HOUR),
        (None, False, True),
        (False, True),
        (
            (None, False, None, "", ""),
            (NOON - 49 * HOUR, False, None, "", ""),
            (None, True, None, "", ""),
            (None, False, NOON - 2 * HOUR - HOUR / 8, "", ""),
            (None, False, None, "not enrolled", ""),
            (None, False, None, "", "quarantined"),
        ),
    )
]
FACTS += [
    RetirementFacts(
        listed=listed("Inactive"),
        last_use=used(last_use),
        successor_use=None,
        is_named=False,
        successor_is_alive=alive,
        successor_is_borrowed=borrowed,
        deactivated_by_us=by_us,
        contained_at=contained_at,
        has_failed_calls=has_failed_calls,
        failed_lately=failed_lately,
        longest_pause=longest_pause,
    )
    for last_use, alive, borrowed, by_us, contained_at, longest_pause, (
        has_failed_calls,
        failed_lately,
    ) in product(
        (None, NOON - 719 * HOUR, NOON - 720 * HOUR),
        (False, True),
        (False, True),
        (None, False, True),
        (None, NOON - 49 * HOUR),
        (timedelta(), 600 * HOUR),
        ((False, False), (True, False), (True, True)),
    )
]
REACTIVATING = replace(POLICY, reactivates=True)


@cache
def combinations() -> list[Combination]:
    """Two thirds of a million, so the first test that needs them creates them, and each is evaluated once."""
    return [
        Combination(superseded=superseded, facts=facts, terms=terms)
        for superseded, facts, terms in product(SUPERSEDED, FACTS, (POLICY, REACTIVATING))
    ]


def was_left(it: Combination) -> bool:
    off_at = it.superseded.found_off_at
    return off_at is not None and off_at <= NOON - POLICY.unused_for


def was_announced(it: Combination) -> bool:
    """A key that is due anyway needs no announcement."""
    is_due = it.facts.contained_at or (it.superseded.retiring_at and not it.facts.has_failed_calls)
    return it.superseded.announced_at is not None and not is_due


def taken(*steps: Step) -> Callable[[Combination], bool]:
    return lambda it: it.step in steps


def successor_was_used_since(it: Combination, moment: datetime) -> bool:
    use = it.facts.successor_use
    return use is not None and use.at >= moment + HOUR / 4


MUST_HOLD: dict[str, tuple[Callable[[Combination], bool], Callable[[Combination], bool]]] = {
    "a key that is gone or current again is not tracked": (
        lambda it: it.facts.listed is None or it.facts.is_named,
        taken(Step.STOP_TRACKING),
    ),
    "a key in its grace time is only waited for": (
        lambda it: it.is_active and it.superseded.retire_after > NOON,
        taken(Step.WAIT, Step.STOP_TRACKING, Step.BLOCKED),
    ),
    "nothing is done to a key of a user that is not bound to the secret": (
        lambda it: bool(it.facts.unbound),
        taken(Step.BLOCKED, Step.STOP_TRACKING),
    ),
    "only an active key is deactivated, and only after its grace period": (
        taken(Step.DEACTIVATE),
        lambda it: it.is_active and it.superseded.retire_after <= NOON and not it.facts.is_named,
    ),
    "a key is deactivated only once its successor was used, after all tests, and is alive": (
        taken(Step.DEACTIVATE),
        lambda it: (
            it.facts.successor_is_alive
            and successor_was_used_since(it, REPLACED_AT)
            and (it.facts.successor_since is None or successor_was_used_since(it, it.facts.successor_since))
            and (it.facts.returned_at is None or successor_was_used_since(it, it.facts.returned_at))
        ),
    ),
    "a key is deactivated only once it has not been used for a while": (
        taken(Step.DEACTIVATE),
        lambda it: it.facts.last_use is None or it.facts.last_use.at <= NOON - POLICY.quiet * 1.25,
    ),
    "a key that is over its time and still wanted is reminded of": (
        taken(Step.REMIND),
        lambda it: it.is_active and it.superseded.retire_after <= NOON,
    ),
    "an active key is neither deleted nor reactivated": (
        lambda it: it.is_active,
        taken(Step.WAIT, Step.REMIND, Step.DEACTIVATE, Step.STOP_TRACKING, Step.BLOCKED),
    ),
    "a key that a person deactivated is left to that person until it was off and unused for long": (
        lambda it: (
            not it.is_active
            and it.facts.deactivated_by_us is False
            and not it.facts.contained_at
            and not was_left(it)
        ),
        taken(Step.WAIT, Step.STOP_TRACKING, Step.BLOCKED),
    ),
    "while another secret carries a key of the user, every key is left as it is": (
        lambda it: it.facts.lends,
        taken(Step.WAIT, Step.STOP_TRACKING),
    ),
    "a key that an automation deactivated is deleted only once its consumers use a working key": (
        lambda it: (
            it.step is Step.DELETE and it.facts.contained_at is not None and not it.superseded.announced_at
        ),
        lambda it: (
            it.facts.contained_at is not None
            and it.facts.contained_at <= NOON - POLICY.until_deletion
            and it.superseded.retire_after <= NOON
            and it.facts.successor_is_alive
            and successor_was_used_since(it, REPLACED_AT)
            and not it.facts.has_failed_calls
            and not it.is_active
        ),
    ),
    "a key that we did not deactivate is left alone": (
        lambda it: (
            not it.is_active
            and not it.superseded.retiring_at
            and not it.superseded.deactivated_at
            and not it.facts.contained_at
            and not was_left(it)
        ),
        taken(Step.WAIT, Step.STOP_TRACKING, Step.BLOCKED),
    ),
    "a key is reactivated only if configured, missed, and deactivated by us according to a record": (
        taken(Step.REACTIVATE),
        lambda it: (
            it.terms.reactivates
            and it.facts.has_failed_calls
            and it.facts.deactivated_by_us is True
            and not it.facts.guardrail
        ),
    ),
    "a key is deleted only after its second period, and while nobody misses it": (
        lambda it: it.step is Step.DELETE and it.facts.contained_at is None and not was_announced(it),
        lambda it: (
            it.superseded.retiring_at is not None
            and it.superseded.retiring_at <= NOON - POLICY.until_deletion
            and not it.facts.has_failed_calls
            and not it.is_active
        ),
    ),
    "the deletion of a key is announced, and then done, only if it was off and unused for long": (
        lambda it: it.step is Step.ANNOUNCE or (it.step is Step.DELETE and was_announced(it)),
        lambda it: (
            not it.is_active
            and was_left(it)
            and it.facts.successor_is_alive
            and not it.facts.successor_is_borrowed
            and not it.facts.failed_lately
            and (it.facts.last_use is None or it.facts.last_use.at <= NOON - 720 * HOUR)
        ),
    ),
    "a key is deleted after its announcement only after the time that the announcement names": (
        lambda it: it.step is Step.DELETE and was_announced(it),
        lambda it: it.superseded.announced_at is not None and it.superseded.announced_at <= NOON - 48 * HOUR,
    ),
    "a key that somebody reactivated is left to people": (
        lambda it: bool(
            it.is_active
            and (it.superseded.announced_at or (it.superseded.retiring_at and it.superseded.deactivated_at))
            and not it.facts.lends
            and not it.facts.unbound
        ),
        taken(Step.STOP_TRACKING),
    ),
}


@pytest.mark.parametrize("what", MUST_HOLD)
def test_of_every_combination_it_holds_that(what: str) -> None:
    applies, holds = MUST_HOLD[what]
    concerned = [it for it in combinations() if applies(it)]
    assert concerned
    assert [it for it in concerned if not holds(it)] == []


def test_every_step_is_taken_in_some_combination() -> None:
    assert {it.step for it in combinations()} == set(Step)


MOVED = RetirementFacts(
    listed=listed("Active"), last_use=used(NOON - 8 * HOUR), successor_use=used(NOON - HOUR), is_named=False
)
OVER = Superseded(access_key_id="AKIAOLD", at=REPLACED_AT, retire_after=NOON - HOUR)
OFF = replace(OVER, retiring_at=NOON - 49 * HOUR, deactivated_at=NOON - 49 * HOUR)
SWITCHED_OFF = replace(MOVED, listed=listed("Inactive"), deactivated_by_us=True)
CONTAINED = replace(MOVED, listed=listed("Inactive"), contained_at=NOON - 49 * HOUR)


@pytest.mark.parametrize(
    ("superseded", "facts", "terms", "expected"),
    [
        (OVER, MOVED, POLICY, Step.DEACTIVATE),
        (OVER, replace(MOVED, last_use=None), POLICY, Step.DEACTIVATE),
        (OVER, replace(MOVED, successor_use=None), POLICY, Step.REMIND),
        (OVER, replace(MOVED, last_use=used(NOON - HOUR)), POLICY, Step.REMIND),
        (OVER, replace(MOVED, successor_is_borrowed=True), POLICY, Step.REMIND),
        (OFF, SWITCHED_OFF, POLICY, Step.DELETE),
        (OVER, CONTAINED, POLICY, Step.DELETE),
        (OVER, replace(CONTAINED, successor_use=None), POLICY, Step.WAIT),
        (OVER, replace(CONTAINED, contained_at=NOON - HOUR), POLICY, Step.WAIT),
        (OVER, replace(CONTAINED, contained_at=None, deactivated_by_us=False), POLICY, Step.WAIT),
        (OVER, replace(MOVED, lends=True), POLICY, Step.WAIT),
        (OFF, replace(SWITCHED_OFF, deactivated_by_us=None), POLICY, Step.DELETE),
        (OFF, replace(SWITCHED_OFF, has_failed_calls=True), POLICY, Step.WAIT),
        (OFF, replace(SWITCHED_OFF, has_failed_calls=True), REACTIVATING, Step.REACTIVATE),
        (
            OFF,
            replace(SWITCHED_OFF, has_failed_calls=True, guardrail="quarantined"),
            REACTIVATING,
            Step.BLOCKED,
        ),
        (
            replace(OFF, retiring_at=None),
            replace(SWITCHED_OFF, has_failed_calls=True),
            REACTIVATING,
            Step.REACTIVATE,
        ),
        (replace(OFF, retiring_at=None), MOVED, REACTIVATING, Step.DEACTIVATE),
    ],
)
def test_a_replaced_key_takes_its_steps(
    superseded: Superseded, facts: RetirementFacts, terms: RetirementPolicy, expected: Step
) -> None:
    assert next_step(superseded, facts, terms, NOON) is expected
