"""How the event history is read.

AWS documents that LookupEvents takes one attribute, answers at most 50 events, the newest first, and a
NextToken where there are more, and that a call is in the history within about 5 minutes on average, which is
not guaranteed. The emulator takes several attributes, ends after the first page, and knows a call at once.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Final

from ministack.services import cloudtrail

PAGE: Final = 50
FIELDS: Final = frozenset({"EventId", "EventName", "EventSource", "ReadOnly", "Username", "AccessKeyId"})


def fill(lag_seconds: float) -> None:
    cloudtrail._DISPATCH["LookupEvents"] = partial(lookup_events, lag_seconds)


def lookup_events(lag_seconds: float, request: dict[str, Any]) -> Any:
    attributes = request.get("LookupAttributes") or []
    size = int(request.get("MaxResults") or PAGE)
    if len(attributes) > 1:
        return cloudtrail._err(
            "InvalidLookupAttributesException", "You can only specify one lookup attribute."
        )
    if not 1 <= size <= PAGE:
        return cloudtrail._err("InvalidMaxResultsException", f"MaxResults is between 1 and {PAGE}.")
    shown_until = time.time() - lag_seconds
    recorded = reversed(cloudtrail._get_event_queue())
    newest_first = [event for event in recorded if event["EventTime"] <= shown_until]
    found = [event for event in newest_first if _within(event, request) and _has(event, attributes)]
    return cloudtrail._ok(_page(found, str(request.get("NextToken") or ""), size))


def _page(found: list[dict[str, Any]], token: str, size: int) -> dict[str, Any]:
    """The token names the last event already shown, because new events come in at the front."""
    ids = [event["EventId"] for event in found]
    start = ids.index(token) + 1 if token in ids else 0
    page = found[start : start + size]
    more = {"NextToken": page[-1]["EventId"]} if start + size < len(found) else {}
    return {"Events": page, **more}


def _within(event: dict[str, Any], request: dict[str, Any]) -> bool:
    earliest = float(request.get("StartTime") or 0)
    latest = float(request.get("EndTime") or "inf")
    return bool(earliest <= event["EventTime"] <= latest)


def _has(event: dict[str, Any], attributes: list[dict[str, str]]) -> bool:
    if not attributes:
        return True
    key, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
    if key in FIELDS:
        return bool(event.get(key) == value)
    return any(resource.get(key) == value for resource in event["Resources"])
