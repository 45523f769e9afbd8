"""Annotated types of the configuration's fields, with the checks that a value must pass."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from infra.config.durations import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

TEN_YEARS = 3653 * DAY  # now plus any duration must still be a valid date


class ConfigError(Exception):
    """The configuration is wrong; the message begins with the path of the field."""

    def __init__(self, problem: str, *, path: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.problem = problem
        self.path = path


def must_be(expected: str, value: object, *, path: str = "") -> ConfigError:
    return ConfigError(f"must be {expected}; got {'nothing' if value is None else repr(value)}", path=path)


@dataclass(frozen=True)
class Check:
    """A condition on the value from JSON. Checks run in order, so each may rely on those before it."""

    holds: Callable[[Any], bool]
    expected: str


def matching(pattern: str, expected: str) -> Check:
    return Check(lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value)), expected)


def whole_number(least: int = 1, *, of: str = "") -> Check:
    # `type`, not isinstance: True is an int in Python, but not a number in JSON.
    return Check(lambda value: type(value) is int and value >= least, f"a whole number{of}, at least {least}")


def at_most(limit: int, unit: str = "") -> Check:
    return Check(lambda value: value <= limit, f"at most {limit} {unit}".strip())


def at_most_items(limit: int, noun: str) -> Check:
    return Check(
        lambda value: isinstance(value, list) and len(value) <= limit, f"a list of at most {limit} {noun}"
    )


Flag = Annotated[bool, Check(lambda value: isinstance(value, bool), "true or false")]
Text = Annotated[str, matching(r"(?s)\s*\S.*", "a text that is not empty")]
# As text only: a number would lose its leading zeros.
AccountId = Annotated[str, matching("[0-9]{12}", "an account id of 12 digits, as a text")]
Count = Annotated[int, whole_number()]
WholeSeconds = Annotated[int, whole_number(of=" of seconds")]
Seconds = Annotated[WholeSeconds, at_most(TEN_YEARS, "seconds")]
