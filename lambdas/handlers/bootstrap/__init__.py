"""Builds each function from its environment, once per process. Adapters are chosen and the clock is read here
alone. Every `<name>_function` raises SettingsError if an environment variable is missing or malformed.
"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
