"""Settings of the `fail_over` function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.settings import Settings


@dataclass(frozen=True, kw_only=True)
class FailOverSettings(Settings):
    secret_prefix: str
    kill_switch_parameter: str
    grace_seconds: int
    backup_users: Mapping[str, str]
