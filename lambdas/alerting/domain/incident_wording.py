"""How alerts show an incident's key and calls. All of it is sanitised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.wording import callers_shown, moment
from lambdas.detection.domain.callers import OTHER_SOURCES, one_of_each_source_first
from lambdas.detection.domain.folding import is_shared, source_of
from lambdas.incidents.domain.incident import Incident
from lambdas.text import sanitize_source


def key_shown(incident: Incident) -> str:
    if incident.key.startswith("sha256:"):
        return "id withheld"
    if is_shared(incident.key):
        return "many unknown ids"
    return "no key id" if incident.key.startswith("none:") else incident.key


def incident_shown(incident: Incident) -> str:
    """Without what the caller wrote into the key."""
    if incident.key.startswith("none:"):
        return f"of a call without a key, opened {incident.opened_at}"
    if is_shared(incident.key):
        source = source_of(incident.key)
        sent = f" sent by {sanitize_source(source)}" if source else ""
        return f"of unknown ids{sent}, opened {incident.opened_at}"
    return incident.incident_id


def caller_lines(incident: Incident, callers: Sequence[Caller] | None = None) -> list[str]:
    """One of each source first. Says how many calls are by callers that are not listed."""
    shown = one_of_each_source_first(incident.callers if callers is None else callers)
    lines, counted = [], set()
    for caller, line in zip(shown, callers_shown(shown), strict=True):
        others = 0 if caller.source in counted else incident.other_calls.get(caller.source, 0)
        counted.add(caller.source)
        lines.append(f"from {line}{_by_others(others, caller)}")
    return lines


def other_sources(incident: Incident) -> tuple[str, ...]:
    calls = incident.other_calls.get(OTHER_SOURCES, 0)
    return (f"and {calls_shown(calls)} from other sources",) if calls else ()


def _by_others(calls: int, caller: Caller) -> str:
    others = "in other reports" if caller.is_reporter else "by its other user agents"
    return f" (and {calls_shown(calls)} {others})" if calls else ""


def calls_shown(number: int) -> str:
    return "1 call" if number == 1 else f"{number:,} calls"


def how_often(incident: Incident) -> str:
    if incident.count == 1:
        return f"1 call, at {moment(incident.last_seen)}"
    return f"{incident.count} calls from {moment(incident.first_seen)} to {moment(incident.last_seen)}"


def duration(length: timedelta) -> str:
    """In the largest unit of which there is at least one: `3 days`, `1 hour`, `12 minutes`, `5 seconds`."""
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return plural(seconds // size, unit)
    return plural(seconds, "second")


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
