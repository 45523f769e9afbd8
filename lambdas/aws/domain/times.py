"""The format of times in events."""

from __future__ import annotations

from datetime import datetime


def iso(at: datetime) -> str:
    """`2026-01-31T13:05:09Z`; `at` must be in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
