"""The environment variables of a function as one object, written by infra/ and read by bootstrap.

Each function has its own subclass, in `handlers/bootstrap/function_settings.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self, get_type_hints

from lambdas.codec import from_plain
from lambdas.errors import PermanentError


class SettingsError(Exception):
    """An environment variable is missing or malformed; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Each field is an environment variable with the field's name in capitals: plain text, or JSON."""

    account: str
    partition: str
    ledger_table_name: str

    @property
    def users_arn(self) -> str:
        """The ARN of every user without its path and name."""
        return f"arn:{self.partition}:iam::{self.account}:user"

    def to_env(self) -> dict[str, str]:
        return {field.name.upper(): _to_text(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Raises SettingsError for the first missing or malformed variable."""
        values: dict[str, Any] = {
            name: _read(environ, name.upper(), expected) for name, expected in get_type_hints(cls).items()
        }
        return cls(**values)


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=sorted)  # of a frozenset


def _read(environ: Mapping[str, str], variable: str, expected: Any) -> object:  # noqa: ANN401 -- any annotation
    if variable not in environ:
        raise SettingsError(f"{variable} is not set")
    text = environ[variable]
    try:
        value: object = from_plain(expected, text if expected is str else json.loads(text))
    except (ValueError, PermanentError):
        raise SettingsError(f"{variable} must be JSON of type {expected.__name__}, not {text!r}") from None
    return value
