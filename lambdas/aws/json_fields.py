"""Reads JSON written by others: a field of the wrong type reads as absent."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from lambdas.errors import PermanentError


def json_object(body: str) -> dict[str, object]:
    """Raises PermanentError if the body is not a JSON object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise PermanentError("the body is not JSON") from None
    if not isinstance(value, dict):
        raise PermanentError("the body is not a JSON object")
    return value


def mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def utc_time(value: object) -> datetime | None:
    """Parses an ISO 8601 time, which is in UTC unless it has a zone. None for anything else."""
    try:
        at = datetime.fromisoformat(text(value))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
