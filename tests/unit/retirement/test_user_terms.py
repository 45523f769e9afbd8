"""Which values of a user's tags lengthen its terms, and how far."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.ledger.domain.enrolment_tags import GRACE_TAG, QUIET_TAG
from lambdas.retirement.domain.user_terms import with_user_terms
from tests.support.rotation_runs import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("864000", 10 * DAY),
        ("7776000", 90 * DAY),
        ("7776001", 90 * DAY),
        ("9" * 200, POLICY.quiet),
        ("٣٦٠٠٠٠", POLICY.quiet),
        ("1e9", POLICY.quiet),
        (" 864000", 10 * DAY),
        ("864000\n", 10 * DAY),
        ("864 000", POLICY.quiet),
        ("", POLICY.quiet),
    ],
)
def test_a_whole_number_of_seconds_counts_up_to_ninety_days(value: str, expected: timedelta) -> None:
    assert with_user_terms(POLICY, {QUIET_TAG: value}).quiet == expected


@pytest.mark.parametrize("spell", [str.upper, str.title])
def test_a_tag_counts_in_any_spelling_that_iam_takes_for_the_same_name(spell: Callable[[str], str]) -> None:
    terms = with_user_terms(POLICY, {spell(QUIET_TAG): "864000", spell(GRACE_TAG): "864000"})
    assert (terms.user_grace, terms.quiet) == (10 * DAY, 10 * DAY)


def test_each_tag_sets_its_own_term() -> None:
    terms = with_user_terms(POLICY, {GRACE_TAG: "864000"})
    assert (terms.user_grace, terms.quiet, terms.grace) == (10 * DAY, POLICY.quiet, POLICY.grace)
