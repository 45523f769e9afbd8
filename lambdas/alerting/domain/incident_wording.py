"""How an incident's key, calls and callers are worded in its alerts. All of it is harmless to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.wording import moment
from lambdas.text import inert, inert_source

if TYPE_CHECKING:
    from lambdas.detection.domain.signal import Caller
    from lambdas.incidents.domain.incident import Incident


def key_shown(incident: Incident) -> str:
    if incident.key.startswith("sha256:"):
        return "what was sent is not shown"
    return "no key id" if incident.key.startswith("none:") else incident.key


def how_often(incident: Incident) -> str:
    if incident.count == 1:
        return f"1 call, at {moment(incident.last_seen)}"
    return f"{incident.count} calls from {moment(incident.first_seen)} to {moment(incident.last_seen)}"


def caller_shown(caller: Caller) -> str:
    return f"{inert_source(caller.source)}, {inert(caller.user_agent, 100)}"


def place_shown(service: str, region: str) -> str:
    return f"({inert(service, 20)}, {inert(region, 16)})"
