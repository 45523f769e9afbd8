"""Times in items: ISO 8601 texts in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.json_fields import utc_time

if TYPE_CHECKING:
    from datetime import datetime


def iso(at: datetime) -> str:
    return at.isoformat()


def iso_or_none(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def time_of(text: str) -> datetime:
    """Raises ValueError if the text is not ISO 8601."""
    at = utc_time(text)
    if at is None:
        raise ValueError(f"not a time: {text!r}")
    return at
