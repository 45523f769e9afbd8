from __future__ import annotations

from datetime import timedelta

from lambdas.codec import from_plain, to_plain
from lambdas.incidents.domain.unknown_ids import (
    MAX_ALERTS,
    MAX_INCIDENTS,
    MAX_INCIDENTS_OF_A_SOURCE,
    MAX_SILENT_INCIDENTS,
    PERIOD,
    NewId,
    UnknownIds,
)
from tests.support.builders import ACCOUNT, NOON

ALL_SOURCES = f"unknown:{ACCOUNT}"


def new_id(number: int, source: str = "192.0.2.1", *, is_silent: bool = False) -> NewId:
    return NewId(incident_key=f"AKIA{number}", source=source, is_silent=is_silent)


def assigned(known: UnknownIds, *ids: NewId) -> tuple[list[str], UnknownIds]:
    keys = []
    for one in ids:
        key, known = known.with_id(one, ACCOUNT, NOON)
        keys.append(key)
    return keys, known


def test_the_first_ids_of_a_source_have_their_own_incidents_and_the_rest_share_one() -> None:
    ids = [new_id(number) for number in range(100)]
    keys, known = assigned(UnknownIds(), *ids)
    own = [one.incident_key for one in ids[:MAX_INCIDENTS_OF_A_SOURCE]]
    assert keys == own + [f"unknown:{ACCOUNT}:192.0.2.1"] * (100 - len(own))
    assert len(known.alerts) == MAX_INCIDENTS_OF_A_SOURCE + 1


def test_many_sources_share_one_incident_and_the_count_stays_within_its_limit() -> None:
    keys, known = assigned(UnknownIds(), *(new_id(number, f"source-{number}") for number in range(1000)))
    assert keys[:MAX_INCIDENTS] == [f"AKIA{number}" for number in range(MAX_INCIDENTS)]
    assert set(keys[MAX_ALERTS:]) == {ALL_SOURCES}
    assert len(known.alerts) <= MAX_ALERTS


def test_an_id_that_is_delivered_again_is_counted_once() -> None:
    keys, known = assigned(UnknownIds(), *[new_id(1)] * 50)
    assert (set(keys), len(known.alerts)) == ({"AKIA1"}, 1)


def test_after_a_period_there_is_room_again() -> None:
    _, known = assigned(UnknownIds(), *(new_id(number, f"source-{number}") for number in range(100)))
    key, _ = known.at(NOON + PERIOD).with_id(new_id(500), ACCOUNT, NOON + PERIOD)
    assert key == "AKIA500"
    assert known.at(NOON + PERIOD - timedelta(seconds=1)) == known


def test_silent_ids_have_a_limit_of_their_own() -> None:
    keys, known = assigned(UnknownIds(), *(new_id(number, is_silent=True) for number in range(200)))
    assert keys[MAX_SILENT_INCIDENTS:] == [f"unrelated:{ACCOUNT}"] * 150
    assert assigned(known, new_id(500))[0] == ["AKIA500"]


def test_a_key_that_turns_out_to_be_known_is_counted_no_more() -> None:
    _, known = assigned(UnknownIds(), new_id(1), new_id(2))
    assert len(known.without("AKIA1").alerts) == 1


def test_updates_leave_room_for_the_incident_of_all_sources() -> None:
    known: UnknownIds | None = UnknownIds()
    for _ in range(MAX_ALERTS - 2):
        assert known
        known = known.with_update("AKIA1", ACCOUNT, NOON)
    assert known
    assert known.with_update("AKIA1", ACCOUNT, NOON) is None
    for _ in range(2):
        known = known.with_update(ALL_SOURCES, ACCOUNT, NOON)
        assert known
    assert known.with_update(ALL_SOURCES, ACCOUNT, NOON) is None


def test_what_is_stored_is_small_whatever_a_caller_sends() -> None:
    long = [
        NewId(incident_key=f"none:{n}" + "x" * 2000, source="y" * 2000, is_silent=n % 2 == 0)
        for n in range(500)
    ]
    _, known = assigned(UnknownIds(), *long)
    assert len(str(to_plain(known))) < 8_000
    assert from_plain(UnknownIds, to_plain(known)) == known


def test_an_incident_that_was_opened_long_ago_may_still_be_open_and_others_surely_are_not() -> None:
    _, known = assigned(UnknownIds(), *(new_id(number) for number in range(30)))
    later = known.at(NOON + 10 * PERIOD)
    assert later.may_be_open("AKIA0")
    assert later.may_be_open(f"unknown:{ACCOUNT}:192.0.2.1")
    assert not later.may_be_open("AKIA29")


def test_the_incidents_that_may_be_open_are_bounded() -> None:
    known = UnknownIds()
    for hour in range(100):
        for number in range(20):
            at = NOON + hour * PERIOD
            one = new_id(100 * hour + number, f"source-{hour}-{number}")
            _, known = known.at(at).with_id(one, ACCOUNT, at)
    assert len(known.opened) == 400
