from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lambdas.aws.domain.iam import ACTIVE, KeyChange, ListedKey
from lambdas.aws.domain.iam_events import CREATE_KEY, DELETE_KEY
from lambdas.codec import from_plain, to_plain
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.incidents.domain.incident import Incident, ReportedState, RotationEnd, SharedAlert
from lambdas.incidents.domain.owner_alerts import (
    MAX_KEYS,
    MAX_NAMED,
    PERIOD,
    HeldKeys,
    OwnerAlerts,
    Place,
    held_keys_are_due,
    held_keys_reported,
    was_in_use_for_long,
)
from lambdas.incidents.domain.update_policy import awaits_a_new_key
from lambdas.ledger.domain.occurrence import Occurrence
from tests.support.builders import NOON

MINUTE = timedelta(minutes=1)


def an_incident(number: int, reported: ReportedState | None = None) -> Incident:
    return Incident(
        key=f"AKIA{number}",
        opened_at="2026-01-01",
        count=1,
        first_seen=NOON,
        last_seen=NOON,
        callers=(),
        reported=reported or ReportedState(),
    )


def placed(known: OwnerAlerts, *numbers: int, now: datetime = NOON) -> tuple[list[Place], OwnerAlerts]:
    places = []
    for number in numbers:
        place, known = known.with_key(an_incident(number), now)
        places.append(place)
    return places, known


def test_the_first_keys_have_alerts_the_next_one_is_shared_and_the_rest_is_counted() -> None:
    places, known = placed(OwnerAlerts(), *range(50))
    assert places == [Place.OWN] * MAX_KEYS + [Place.SHARED] + [Place.NONE] * (49 - MAX_KEYS)
    assert known.held.count == 49 - MAX_KEYS
    assert len(known.held.named) == MAX_NAMED


def test_an_incident_that_is_evaluated_again_after_a_crash_has_the_same_place() -> None:
    _, known = placed(OwnerAlerts(), *range(MAX_KEYS + 1))
    again, same = placed(known, 0, MAX_KEYS)
    assert again == [Place.OWN, Place.SHARED]
    assert same == known


def test_a_key_that_was_counted_is_not_counted_again() -> None:
    _, known = placed(OwnerAlerts(), *range(MAX_KEYS + 2))
    held = an_incident(MAX_KEYS + 1, ReportedState(is_held=True))
    assert known.with_key(held, NOON) == (Place.NONE, known)


def test_after_a_period_there_is_room_again() -> None:
    _, known = placed(OwnerAlerts(), *range(MAX_KEYS + 5))
    assert placed(known, 99, now=NOON + PERIOD - MINUTE)[0] == [Place.NONE]
    assert placed(known, 99, now=NOON + PERIOD)[0] == [Place.OWN]


def test_while_the_shared_alert_is_updated_no_other_key_has_one() -> None:
    _, known = placed(OwnerAlerts(), *range(MAX_KEYS + 5))
    later = NOON + PERIOD
    known = known.reported(known.held, later)
    places, _ = placed(known, *range(100, 100 + MAX_KEYS + 1), now=later)
    assert places == [Place.OWN] * MAX_KEYS + [Place.NONE]


def test_what_was_counted_while_the_update_was_sent_is_still_to_be_reported() -> None:
    _, known = placed(OwnerAlerts(), *range(MAX_KEYS + 3))
    held = known.held
    _, known = placed(known, 99)
    assert known.reported(held, NOON).held == HeldKeys(count=1, named=("AKIA99",))


def test_the_count_survives_the_table() -> None:
    _, known = placed(OwnerAlerts(), *range(50))
    assert from_plain(OwnerAlerts, to_plain(known)) == known


@pytest.mark.parametrize(
    ("change", "now", "is_due"),
    [
        ({}, NOON + PERIOD - MINUTE, False),
        ({}, NOON + PERIOD, True),
        ({"closed": True}, NOON, True),
        ({"open_until": NOON}, NOON, True),
        ({"open_until": NOON + MINUTE}, NOON, False),
    ],
)
def test_further_keys_are_reported_after_a_period_or_before_the_incident_closes(
    change: dict[str, object], now: datetime, *, is_due: bool
) -> None:
    shared = ReportedState(shared=SharedAlert(group="g", until=NOON + PERIOD))
    incident = replace(an_incident(1, shared), **change)  # type: ignore[arg-type]
    assert held_keys_are_due(incident, now) is is_due


def test_the_use_of_a_new_key_does_not_close_an_incident_that_is_to_report_further_keys() -> None:
    rotated = replace(an_incident(1), rotation=RotationEnd(succeeded=True, at=NOON, new_key="AKIA2"))
    shared = ReportedState(shared=SharedAlert(group="g", until=NOON))
    assert awaits_a_new_key(rotated)
    assert not awaits_a_new_key(replace(rotated, reported=shared))


def test_further_keys_are_looked_for_again_as_long_as_there_are_any() -> None:
    shared = ReportedState(shared=SharedAlert(group="g", until=NOON))
    more = held_keys_reported(shared, HeldKeys(count=1, named=("AKIA1",)), NOON)
    assert more.shared == SharedAlert(group="g", until=NOON + PERIOD)
    assert held_keys_reported(more, HeldKeys(), NOON).shared is None


def listed(status: str, age: timedelta) -> Evidence:
    return Evidence(key=ListedKey(access_key_id="AKIA1", status=status, created_at=NOON - age))


def deleted(age: timedelta, ago: timedelta, *, is_recorded: bool = True) -> Evidence:
    end = NOON - ago
    created = KeyChange(event_name=CREATE_KEY, at=end - age, by="a", user_name="alice")
    gone = KeyChange(event_name=DELETE_KEY, at=end, by="a", user_name="alice")
    if is_recorded:
        return Evidence(history=(gone, created))
    return Evidence(history=(created,), deletion=Occurrence(until=end))


@pytest.mark.parametrize(
    ("evidence", "is_long"),
    [
        (listed(ACTIVE, PERIOD), True),
        (listed("Inactive", PERIOD), True),
        (listed("Inactive", PERIOD - MINUTE), False),
        (deleted(PERIOD, MINUTE), True),
        (deleted(PERIOD, MINUTE, is_recorded=False), True),
        (deleted(PERIOD - MINUTE, MINUTE), False),
        (deleted(100 * PERIOD, 2 * PERIOD), False),
        (Evidence(), False),
        (Evidence(history=(KeyChange(event_name=DELETE_KEY, at=NOON, by="a", user_name="alice"),)), False),
        (Evidence(history=(KeyChange(event_name=CREATE_KEY, at=NOON, by="a", user_name="alice"),)), False),
    ],
)
def test_a_key_was_in_use_for_long_if_it_existed_for_a_period_and_not_only_long_ago(
    evidence: Evidence, *, is_long: bool
) -> None:
    assert was_in_use_for_long(evidence, NOON) is is_long
