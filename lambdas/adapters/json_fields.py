"""Reading JSON that somebody else wrote: a field of the wrong type reads as an absent one."""

from __future__ import annotations

from datetime import UTC, datetime


def mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def utc_time(value: object) -> datetime | None:
    """An ISO 8601 time in UTC, to which a time without a zone belongs; None for anything else."""
    try:
        at = datetime.fromisoformat(text(value))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
