"""How alerts show an incident's key and calls. All of it is sanitised."""

from __future__ import annotations

from lambdas.aws.domain.wording import moment
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


def how_often(incident: Incident) -> str:
    if incident.count == 1:
        return f"1 call, at {moment(incident.last_seen)}"
    return f"{incident.count} calls from {moment(incident.first_seen)} to {moment(incident.last_seen)}"
