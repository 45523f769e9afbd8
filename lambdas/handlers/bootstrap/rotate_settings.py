"""Settings of the `rotate_key` and `retire_keys` functions."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.settings import Settings


@dataclass(frozen=True, kw_only=True)
class RotationSettings(Settings):
    secret_prefix: str
    kill_switch_parameter: str
    rotation_role_name: str  # both roles: to recognise the remediator's own calls in records
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
class RetireSettings(RotationSettings):
    incident_table_name: str
    lease_table_name: str
    reactivate_on_failure: bool
    automations: tuple[str, ...]  # prefixes of principals whose deactivation of a key is not containment
