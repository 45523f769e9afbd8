"""The environment of each function, as one frozen object: written by infra/, read once by bootstrap.py."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class SettingsError(Exception):
    """An environment variable is missing or malformed; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """In the environment each field is a variable of its own name in capitals: a text as it is, a number in
    digits, a truth as `true` or `false`, a mapping as a JSON object, a set or tuple as a JSON array.
    """

    account: str
    partition: str
    ledger_table_name: str

    def to_env(self) -> dict[str, str]:
        return {field.name.upper(): _to_text(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Raises SettingsError, naming the first variable that is missing or malformed."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = field.name.upper()
            # A dataclass keeps a postponed annotation as its text.
            values[field.name] = _READERS[str(field.type)](name, _read(environ, name))
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class RemediateSettings(Settings):
    """`regions` are those that signals come from, empty where none was known when the stack was made.

    The kill switch and the mode are names of SSM parameters; `stage_mode` is what the mode was deployed with.
    `automations` begin the principals whose switching off of a key is no containment by a person;
    `backup_users` names the backup of a user. `chat_topic_arn` is empty where there is no such topic.
    """

    stage_mode: str
    incident_table_name: str
    lease_table_name: str
    exemption_table_name: str
    alert_topic_arn: str
    chat_topic_arn: str
    incident_bus_name: str
    dead_letter_queue_url: str
    incident_quiet_seconds: int
    incident_retention_seconds: int
    unknown_key_recheck_seconds: int
    prediction_window_seconds: int
    alert_count_thresholds: tuple[int, ...]
    alert_update_seconds: int
    alert_digest_seconds: int
    new_key_check_seconds: int
    regions: tuple[str, ...]
    known_accounts: Mapping[str, str]
    organization_accounts: frozenset[str]
    contact_domains: frozenset[str]
    secret_prefix: str
    kill_switch_parameter: str
    mode_parameter: str
    cooldown_seconds: int
    hourly_budget: int
    automations: tuple[str, ...]
    backup_users: Mapping[str, str]
    rotate_whatever_switched_off: bool
    fail_over_function_name: str


@dataclass(frozen=True, kw_only=True)
class TrackSettings(Settings):
    """The names of both roles tell the remediator's own doings from those of people."""

    signal_queue_url: str
    dead_letter_queue_url: str
    prediction_window_seconds: int
    deletion_grace_seconds: int
    rotation_role_name: str
    retirement_role_name: str
    enrolment_queue_url: str


@dataclass(frozen=True, kw_only=True)
class SyncSettings(Settings):
    lease_table_name: str
    sync_interval_seconds: int
    enrolment_queue_url: str


@dataclass(frozen=True, kw_only=True)
class EnrolSettings(Settings):
    lease_table_name: str
    enrolment_queue_url: str
    hourly_budget: int
    secret_prefix: str
    schedule_days: int
    users_read_own_secret: bool
    rotation_function_arn: str
    managed_secret_key_arn: str
    kill_switch_parameter: str
    mode_parameter: str
    signal_queue_url: str
    dead_letter_queue_url: str


@dataclass(frozen=True, kw_only=True)
class RotationSettings(Settings):
    """The names of both roles tell the remediator's own doings from those of people."""

    secret_prefix: str
    kill_switch_parameter: str
    rotation_role_name: str
    retirement_role_name: str
    grace_seconds: int
    quiet_seconds: int
    deletion_seconds: int
    unused_key_seconds: int
    signal_queue_url: str


@dataclass(frozen=True, kw_only=True)
class RotateSettings(RotationSettings):
    pass


@dataclass(frozen=True, kw_only=True)
class FailOverSettings(Settings):
    secret_prefix: str
    kill_switch_parameter: str
    grace_seconds: int
    backup_users: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RetireSettings(RotationSettings):
    """`automations` as of RemediateSettings."""

    incident_table_name: str
    lease_table_name: str
    reactivate_on_failure: bool
    automations: tuple[str, ...]


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


def _truth(name: str, text: str) -> bool:
    # Only what to_env writes: that a word is taken for the wrong truth must not switch a guard off.
    if text not in {"true", "false"}:
        raise SettingsError(f"{name} must be true or false, not {text!r}")
    return text == "true"


def _texts_by_name(name: str, text: str) -> dict[str, str]:
    value = _json(name, text)
    if not isinstance(value, dict):
        raise SettingsError(f"{name} must be a JSON object, not {text!r}")
    return {str(key): str(label) for key, label in value.items()}


def _texts(name: str, text: str) -> tuple[str, ...]:
    value = _json(name, text)
    if not isinstance(value, list):
        raise SettingsError(f"{name} must be a JSON array, not {text!r}")
    return tuple(map(str, value))


def _whole_numbers(name: str, text: str) -> tuple[int, ...]:
    return tuple(_whole_number(name, item) for item in _texts(name, text))


def _json(name: str, text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        raise SettingsError(f"{name} must be JSON, not {text!r}") from None
    return value


_READERS: dict[str, Callable[[str, str], object]] = {
    "str": lambda _, text: text,
    "int": _whole_number,
    "bool": _truth,
    "Mapping[str, str]": _texts_by_name,
    "frozenset[str]": lambda name, text: frozenset(_texts(name, text)),
    "tuple[str, ...]": _texts,
    "tuple[int, ...]": _whole_numbers,
}
