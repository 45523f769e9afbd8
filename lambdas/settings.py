"""The environment of each function, as one frozen object: written by infra/, read once by bootstrap.py."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class SettingsError(Exception):
    """An environment variable is missing or malformed; the message names it."""


@dataclass(frozen=True, kw_only=True)
class RemediateSettings:
    """What the functions need to know of their deployment. In the environment each field is a variable
    of its own name in capitals; `KNOWN_ACCOUNTS` is a JSON object of account id to name,
    `ORGANIZATION_ACCOUNTS` a JSON array of account ids.
    """

    account: str
    partition: str
    stage_mode: str
    incident_table_name: str
    lease_table_name: str
    alert_topic_arn: str
    incident_bus_name: str
    dead_letter_queue_url: str
    incident_quiet_seconds: int
    incident_retention_seconds: int
    unknown_key_recheck_seconds: int
    known_accounts: Mapping[str, str]
    organization_accounts: frozenset[str]

    def to_env(self) -> dict[str, str]:
        return {field.name.upper(): _to_text(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Raises SettingsError, naming the first variable that is missing or malformed."""
        read = {field.name: _read(environ, field.name.upper()) for field in fields(cls)}
        quiet = read.pop("incident_quiet_seconds")
        retention = read.pop("incident_retention_seconds")
        recheck = read.pop("unknown_key_recheck_seconds")
        accounts = read.pop("known_accounts")
        organization = read.pop("organization_accounts")
        return cls(
            **read,
            incident_quiet_seconds=_whole_number("INCIDENT_QUIET_SECONDS", quiet),
            incident_retention_seconds=_whole_number("INCIDENT_RETENTION_SECONDS", retention),
            unknown_key_recheck_seconds=_whole_number("UNKNOWN_KEY_RECHECK_SECONDS", recheck),
            known_accounts=_names_by_account("KNOWN_ACCOUNTS", accounts),
            organization_accounts=_account_ids("ORGANIZATION_ACCOUNTS", organization),
        )


def _to_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(sorted(value) if isinstance(value, frozenset) else value)


def _read(environ: Mapping[str, str], name: str) -> str:
    try:
        return environ[name]
    except KeyError:
        raise SettingsError(f"{name} is not set") from None


def _whole_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name} must be a whole number, not {text!r}") from None


def _names_by_account(name: str, text: str) -> dict[str, str]:
    accounts = _json(name, text)
    if not isinstance(accounts, dict):
        raise SettingsError(f"{name} must be a JSON object, not {text!r}")
    return {str(account): str(label) for account, label in accounts.items()}


def _account_ids(name: str, text: str) -> frozenset[str]:
    accounts = _json(name, text)
    if not isinstance(accounts, list):
        raise SettingsError(f"{name} must be a JSON array, not {text!r}")
    return frozenset(map(str, accounts))


def _json(name: str, text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        raise SettingsError(f"{name} must be JSON, not {text!r}") from None
    return value
