"""docs/configuration.md describes the configuration that the code reads: fields, types, defaults, limits."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import pytest

from infra.config.alerts import AlertsConfig
from infra.config.config import Config
from infra.config.fields import ConfigError
from infra.config.rotation import RotationConfig
from infra.config.subscriptions import AlertSubscription, Filter, Subscription
from tests.docs.pages import DOCS, code, rows, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = sections(DOCS / "configuration.md")
EMAIL = {"protocol": "email", "endpoint": "team@example.com"}
# Each section with its dataclass, and the path at which its fields stand in the context.
SECTIONS: dict[str, tuple[type, list[str]]] = {
    "Top level": (Config, []),
    "`subscriptions`": (AlertSubscription, ["subscriptions"]),
    "`subscriptions[].filter`": (Filter, ["subscriptions", "filter"]),
    "`operationsSubscriptions`": (Subscription, ["operationsSubscriptions"]),
    "`alerts`": (AlertsConfig, ["alerts"]),
    "`rotation`": (RotationConfig, ["rotation"]),
}


@dataclasses.dataclass(frozen=True)
class Row:
    section: str
    field: str
    type: str
    default: str
    limits: str

    @property
    def declared(self) -> dataclasses.Field[Any]:
        return fields_of(SECTIONS[self.section][0])[self.field]

    @property
    def type_in_code(self) -> Any:
        """Without annotations, which are the checks of a value."""
        return get_type_hints(SECTIONS[self.section][0])[self.declared.name]

    @property
    def values(self) -> list[str]:
        """Those that the type names."""
        return code(self.type)

    def context(self, value: object) -> dict[str, object]:
        """A configuration with this field alone, and what cannot be left out."""
        path = SECTIONS[self.section][1]
        inner: dict[str, object] = {self.field: value}
        if path[-1:] == ["filter"]:
            return {path[0]: [EMAIL | {"filter": inner}]}
        if path and path[0].endswith("ubscriptions"):
            return {path[0]: [EMAIL | inner]}
        return {path[0]: inner} if path else inner

    def is_accepted(self, value: object) -> bool:
        try:
            Config.from_context(self.context(value))
        except ConfigError as error:
            if f".{self.field}" not in str(error):
                raise  # something else is wrong with what was asked
            return False
        return True


def fields_of(config: type) -> dict[str, dataclasses.Field[Any]]:
    return {camel_case(field.name): field for field in dataclasses.fields(config)}


def camel_case(snake_case: str) -> str:
    first, *others = snake_case.split("_")
    return first + "".join(word.capitalize() for word in others)


def documented() -> Iterator[Row]:
    for section in SECTIONS:
        for field, type_, default, limits, _meaning in rows(PAGE[section]):
            [name] = code(field)
            yield Row(section, name, type_, default, limits)


ROWS = [*documented()]
NUMBERS = [row for row in ROWS if "whole number" in row.type]
CHOICES = [row for row in ROWS if row.values and row.values != ["true", "false"]]


def named(row: Row) -> str:
    return f"{row.section} {row.field}".replace("`", "")


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_has_every_field_and_no_other(section: str) -> None:
    described = [row.field for row in ROWS if row.section == section]
    assert sorted(described) == sorted(fields_of(SECTIONS[section][0]))


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_default_is_that_of_the_code(row: Row) -> None:
    assert row.default == default_shown(row.declared)


def default_shown(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return f"`{as_json(field.default_factory())}`"
    return "required" if field.default is dataclasses.MISSING else f"`{as_json(field.default)}`"


def as_json(value: object) -> str:
    if dataclasses.is_dataclass(value):
        value = {}  # its fields have defaults of their own
    return json.dumps([*value] if isinstance(value, (tuple, frozenset)) else value)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_type_is_that_of_the_code(row: Row) -> None:
    kinds = {
        int: "whole number",
        bool: "`true`, `false`",
        str: "text",
        Mapping: "object",
        tuple[int, ...]: "list of whole numbers",
        tuple: "list of",
        frozenset: "list of",
    }
    expected = kinds.get(row.type_in_code) or kinds.get(get_origin(row.type_in_code))
    if expected:
        assert row.type.startswith(expected)
    else:
        assert row.type == "object" or row in CHOICES


@pytest.mark.parametrize("row", CHOICES, ids=named)
def test_the_values_to_choose_from_are_those_of_the_code(row: Row) -> None:
    assert sorted(row.values) == sorted(enumeration_of(row))


def enumeration_of(row: Row) -> type[StrEnum]:
    [found] = [it for it in parts(row.type_in_code) if isinstance(it, type) and issubclass(it, StrEnum)]
    return found


def parts(declared: Any) -> Iterator[Any]:
    """The type and all types within its brackets."""
    yield declared
    for inner in get_args(declared):
        yield from parts(inner)


@pytest.mark.parametrize("row", NUMBERS, ids=named)
def test_the_limits_of_a_number_are_those_of_the_code(row: Row) -> None:
    found = re.match(r"(?P<least>\d+) to (?P<most>\d+)|at least (?P<only>\d+)\Z", row.limits)
    assert found, row.limits
    least = int(found["least"] or found["only"])
    assert (row.is_accepted(as_value(row, least)), row.is_accepted(as_value(row, least - 1))) == (True, False)
    if found["most"]:
        most = int(found["most"])
        accepted = row.is_accepted(as_value(row, most)), row.is_accepted(as_value(row, most + 1))
        assert accepted == (True, False)
    else:
        assert row.is_accepted(as_value(row, 10**12))


def as_value(row: Row, number: int) -> object:
    return [number] if row.type.startswith("list") else number


def test_the_limits_of_lists_and_texts_are_those_of_the_code() -> None:
    thresholds, prefix, filtered = row_of("countThresholds"), row_of("secretPrefix"), row_of("filter")
    at_most = {it.field: int(found_in(r"at most (\d+)", it.limits)) for it in (thresholds, prefix, filtered)}
    most = at_most["countThresholds"]
    assert thresholds.is_accepted([*range(2, most + 2)])
    assert not thresholds.is_accepted([*range(2, most + 3)])
    assert not thresholds.is_accepted([3, 2])
    most = at_most["secretPrefix"]
    assert prefix.is_accepted("x" * (most - 1) + "/")
    assert not prefix.is_accepted("x" * most + "/")
    assert not prefix.is_accepted("no-slash")
    most = at_most["filter"]
    assert filtered.is_accepted({"owner": [f"user-{number}" for number in range(most)]})
    assert not filtered.is_accepted({"owner": [f"user-{number}" for number in range(most + 1)]})


def test_the_combined_limit_names_the_fields_that_it_counts() -> None:
    text = PAGE["Combined limit"]
    most, counted = int(found_in(r"(\d+) bytes", text)), code(text)
    assert len(counted) == len([row for row in ROWS if "Combined limit" in row.limits])
    with pytest.raises(ConfigError) as refused:
        Config.from_context({"knownAccounts": {"123456789012": "x" * most}})
    assert all(name in str(refused.value) for name in counted)
    Config.from_context({"knownAccounts": {"123456789012": "x" * (most - 100)}})


def row_of(field: str) -> Row:
    return next(row for row in ROWS if row.field == field)


def found_in(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]
