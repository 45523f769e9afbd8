"""How alerts show an incident's key and calls. All of it is sanitised."""

from __future__ import annotations

from lambdas.aws.domain.wording import moment
from lambdas.incidents.domain.incident import Incident


def key_shown(incident: Incident) -> str:
    if incident.key.startswith("sha256:"):
        return "id withheld"
    return "no key id" if incident.key.startswith("none:") else incident.key


def how_often(incident: Incident) -> str:
    if incident.count == 1:
        return f"1 call, at {moment(incident.last_seen)}"
    return f"{incident.count} calls from {moment(incident.first_seen)} to {moment(incident.last_seen)}"
