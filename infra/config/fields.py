"""Reads one JSON object of the configuration, so that each refusal names the field by its whole path."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from infra.config.durations import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ACCOUNT_ID = re.compile("[0-9]{12}")
LONGEST = 3653 * DAY  # ten years: a moment that is later by any duration must still be a date
Item = TypeVar("Item")
Choice = TypeVar("Choice", bound=StrEnum)


class ConfigError(Exception):
    """The configuration is wrong; the message begins with the path of the field."""


@dataclass(frozen=True)
class Fields:
    path: str
    values: Mapping[str, object]

    @classmethod
    def of(cls, value: object, path: str, *, of_type: type | None = None) -> Fields:
        """Given a dataclass, refuses any field it has not; its snake_case is camelCase in JSON."""
        if not isinstance(value, dict):
            raise must_be("an object", value, path)
        known = [_camel_case(field.name) for field in dataclasses.fields(of_type)] if of_type else [*value]
        for name in value:
            if name not in known:
                raise ConfigError(f"{path}.{name}: no such field; {_suggest(name, known)}")
        return cls(path, value)

    def path_of(self, name: str) -> str:
        return f"{self.path}.{name}"

    def value(self, name: str, *, default: object) -> object:
        return self.values.get(name, default)

    def text(self, name: str) -> str:
        return text(self.values.get(name), self.path_of(name))

    def choice(self, name: str, choices: type[Choice], *, default: Choice | None = None) -> Choice:
        return choice(self.values.get(name, default), self.path_of(name), choices)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise must_be("true or false", value, self.path_of(name))
        return value

    def seconds(self, name: str, *, default: int, most: int = LONGEST) -> int:
        return self._count(name, default, most, of="seconds")

    def count(self, name: str, *, default: int, most: int | None = None) -> int:
        return self._count(name, default, most)

    def _count(self, name: str, default: int, most: int | None, *, of: str = "") -> int:
        value = self.values.get(name, default)
        # True is an int in Python, and not a number
        if type(value) is not int or value < 1:
            number = f"a whole number of {of}" if of else "a whole number"
            raise must_be(f"{number}, at least 1", value, self.path_of(name))
        if most is not None and value > most:
            raise must_be(f"at most {most} {of}".strip(), value, self.path_of(name))
        return value

    def each(self, name: str, read: Callable[[object, str], Item]) -> tuple[Item, ...]:
        """Reads every item of a list, which may be absent, giving each its own path."""
        value = self.values.get(name, [])
        if not isinstance(value, list):
            raise must_be("a list", value, self.path_of(name))
        return tuple(read(item, f"{self.path_of(name)}[{index}]") for index, item in enumerate(value))


def text(value: object, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise must_be("a text that is not empty", value, path)
    return value


def choice(value: object, path: str, choices: type[Choice]) -> Choice:
    for member in choices:
        if member == value:
            return member
    raise must_be(f"one of {', '.join(choices)}", value, path)


def account_id(value: object, path: str) -> str:
    # A number is refused too: its leading zeros would be lost.
    if not isinstance(value, str) or not ACCOUNT_ID.fullmatch(value):
        raise must_be("an account id of 12 digits, as a text", value, path)
    return value


def must_be(expected: str, value: object, path: str) -> ConfigError:
    return ConfigError(f"{path}: must be {expected}; got {'nothing' if value is None else repr(value)}")


def _suggest(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"


def _camel_case(snake_case: str) -> str:
    first, *others = snake_case.split("_")
    return first + "".join(word.capitalize() for word in others)
