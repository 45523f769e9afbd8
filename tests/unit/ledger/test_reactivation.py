"""When a key became active again, as far as the ledger's two observations of its status show it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import Occurrence, recorded
from tests.support.builders import NOON, key_id

CREATED, LATER = NOON - timedelta(days=9), NOON + timedelta(hours=1)


def at(moment: object, value: str, by: str = "user/bob") -> Observed[str]:
    return Observed(value=value, at=moment, by=by)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on_record", "listed", "reactivation"),
    [
        (None, at(NOON, "Active", ""), None),
        (at(CREATED, "Active"), at(NOON, "Active", ""), None),
        (at(NOON, "Active"), None, recorded(NOON, "user/bob")),
        (at(NOON, "Active"), at(LATER, "Active", ""), recorded(NOON, "user/bob")),
        (at(NOON, "Inactive"), None, None),
        (at(NOON, "Inactive"), at(LATER, "Active", ""), Occurrence(after=NOON, until=LATER)),
        (at(LATER, "Inactive"), at(NOON, "Active", ""), None),
        (at(NOON, "Active"), at(LATER, "Inactive", ""), None),
    ],
)
def test_a_reactivation_is_known_from_a_record_or_from_a_listing_after_a_deactivation(
    on_record: Observed[str] | None, listed: Observed[str] | None, reactivation: Occurrence | None
) -> None:
    entry = KeyEntry(
        access_key_id=key_id(), created_at=CREATED, recorded_status=on_record, listed_status=listed
    )
    assert entry.reactivation == reactivation
