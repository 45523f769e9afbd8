from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, Generic, TypeVar

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from lambdas.codec import from_plain, rename, to_plain
from lambdas.errors import PermanentError

Value = TypeVar("Value", str, "str | None")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"
    BLUE = "light-blue"


class Rank(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[Value]):
    value: Value
    at: datetime
    settled: bool = False


@dataclass(frozen=True, kw_only=True)
class Renamed:
    access_key_id: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Everything:
    user_name: str
    count: int
    colour: Colour
    at: datetime
    renamed: Renamed
    rank: Rank = Rank.LOW
    note: str = ""
    retire_after: datetime | None = None
    tags: frozenset[str] = frozenset()
    colours: frozenset[Colour] = frozenset()
    renameds: tuple[Renamed, ...] = ()
    reading: Reading[str] | None = None
    readings: Mapping[str, Reading[str | None]] = field(default_factory=dict)
    times: Mapping[Colour, datetime] = field(default_factory=dict)
    thresholds: tuple[int, ...] = (1, 10)
    detail: Mapping[str, object] = field(default_factory=dict)


rename(Renamed, access_key_id="key")

LEAST: dict[str, Any] = {
    "userName": "alice",
    "count": 1,
    "colour": "red",
    "at": "2026-01-31T12:00:00+00:00",
    "renamed": {"key": "AKIA", "since": "2026-01-31T12:00:00+00:00"},
}
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3))]))
RENAMED = st.builds(Renamed, access_key_id=st.text(), since=TIMES)
EVERYTHING = st.builds(
    Everything,
    user_name=st.text(),
    count=st.integers(-(10**30), 10**30),
    at=TIMES,
    renamed=RENAMED,
    retire_after=st.none() | TIMES,
    renameds=st.lists(RENAMED, max_size=3).map(tuple),
    reading=st.none() | st.builds(Reading, value=st.text(), at=TIMES),
    readings=st.dictionaries(
        st.text(), st.builds(Reading, value=st.none() | st.text(), at=TIMES), max_size=2
    ),
    times=st.dictionaries(st.sampled_from(Colour), TIMES),
    thresholds=st.lists(st.integers(0, 9)).map(tuple),
    detail=st.dictionaries(st.text(), st.none() | st.text() | st.booleans(), max_size=2),
)


@given(EVERYTHING)
def test_a_value_survives_json(value: Everything) -> None:
    assert from_plain(Everything, json.loads(json.dumps(to_plain(value)))) == value


@given(EVERYTHING)
def test_a_value_survives_dynamodb(value: Everything) -> None:
    stored = TypeSerializer().serialize(to_plain(value))
    assert from_plain(Everything, TypeDeserializer().deserialize(stored)) == value


def test_a_field_at_its_default_is_not_written() -> None:
    assert to_plain(from_plain(Everything, LEAST)) == LEAST


def test_names_become_camel_case_and_times_utc() -> None:
    at = datetime(2026, 1, 31, 9, 0, 0, 5, tzinfo=timezone(timedelta(hours=-3)))
    renamed = Renamed(access_key_id="AKIA", since=NOON)
    value = Everything(user_name="a", count=1, colour=Colour.BLUE, at=NOON, renamed=renamed, retire_after=at)
    assert to_plain(value)["retireAfter"] == "2026-01-31T12:00:00.000005+00:00"


def test_a_set_is_a_sorted_list_and_an_enum_its_plain_value() -> None:
    plain = to_plain(from_plain(Everything, LEAST | {"colours": ["red", "light-blue"]}))
    assert plain["colours"] == ["light-blue", "red"]
    assert {type(colour) for colour in [*plain["colours"], plain["colour"]]} == {str}


def test_a_set_may_be_stored_as_a_set_of_dynamodb() -> None:
    assert from_plain(Everything, LEAST | {"tags": {"a", "b"}}).tags == {"a", "b"}


def test_unknown_attributes_are_ignored() -> None:
    assert from_plain(Everything, LEAST | {"expiresAt": Decimal(5)}) == from_plain(Everything, LEAST)


def test_a_time_may_be_stored_as_seconds_since_1970() -> None:
    value = from_plain(Everything, LEAST | {"at": Decimal(int(NOON.timestamp()))})
    assert value.at == NOON


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert from_plain(Everything, LEAST | {"at": "2026-01-31T12:00:00"}).at == NOON


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"count": "7"}, "malformed value @ Everything.count"),
        ({"count": Decimal("1.5")}, "malformed value @ Everything.count"),
        ({"count": True}, "malformed value @ Everything.count"),
        ({"userName": 5}, "malformed value @ Everything.user_name"),
        ({"colour": "green"}, "malformed value @ Everything.colour"),
        ({"rank": 3}, "malformed value @ Everything.rank"),
        ({"at": "noon"}, "malformed value @ Everything.at"),
        ({"at": None}, "malformed value @ Everything.at"),
        ({"tags": "abc"}, "malformed value @ Everything.tags"),
        ({"thresholds": [1, "x"]}, "malformed value @ Everything.thresholds[1]"),
        ({"renamed": {"key": "AKIA"}}, "missing field @ Everything.renamed.since"),
        ({"renamed": []}, "malformed value @ Everything.renamed"),
        ({"renameds": [{"key": 5, "since": "x"}]}, "malformed value @ Everything.renameds[0].access_key_id"),
        ({"readings": {"a": {"value": "x", "at": 1, "settled": "no"}}}, "Everything.readings['a'].settled"),
        ({"readings": []}, "malformed value @ Everything.readings"),
    ],
)
def test_a_malformed_value_is_a_permanent_error_that_names_the_field(
    attributes: dict[str, object], problem: str
) -> None:
    with pytest.raises(PermanentError) as raised:
        from_plain(Everything, LEAST | attributes)
    assert problem in str(raised.value)


def test_the_error_shows_no_value() -> None:
    with pytest.raises(PermanentError) as raised:
        from_plain(Everything, LEAST | {"at": "hunter2", "count": "hunter2", "colour": "hunter2"})
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(("expected", "plain"), [(Mapping[str, str], []), (tuple[int, ...], 5), (int, "5")])
def test_a_single_value_can_be_read_too(expected: Any, plain: object) -> None:
    with pytest.raises(PermanentError, match="malformed value @"):
        from_plain(expected, plain)
