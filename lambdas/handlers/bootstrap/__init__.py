"""Builds each function from its environment. Adapters are chosen and the clock is read here alone."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
