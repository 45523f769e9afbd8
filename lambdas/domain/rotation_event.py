"""The event of an open incident whose key was rotated, or was to be: for machines, as incident_event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.domain.incident_event import SCHEMA_VERSION, iso
from lambdas.domain.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.domain.incident import Incident
    from lambdas.domain.notice import Notice

_OUTCOMES = {NoticeKind.ROTATION_SUCCEEDED: "succeeded", NoticeKind.ROTATION_FAILED: "failed"}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An open incident and how it was judged: `cause`, `confidence`, `decision`, `guardrail`, `severity`,
    `account` and `region`, each `-` while it has not been. `rotation` is what is noted of one already.
    """

    incident: Incident
    judgement: Mapping[str, str]
    owner: Mapping[str, str]
    rotation: Mapping[str, str]


def rotation_of(notice: Notice) -> dict[str, str] | None:
    """What the incident of the key keeps of it; None for a notice that is of no rotation."""
    outcome = _OUTCOMES.get(notice.kind)
    if outcome is None:
        return None
    return {
        "outcome": outcome,
        "at": iso(notice.at),
        "newKey": notice.new_key_id or "-",
        "reason": notice.reason or "-",
    }


def rotation_event_detail(judged: Judged, rotation: Mapping[str, str]) -> dict[str, object]:
    """With the fields of any incident event, and `rotation`."""
    incident = judged.incident
    return {
        "schemaVersion": SCHEMA_VERSION,
        "incidentId": incident.incident_id,
        "transition": f"rotation-{rotation['outcome']}",
        "accessKeyId": incident.key,
        "predicted": incident.predicted,
        **judged.judgement,
        "owner": dict(judged.owner),
        "count": incident.count,
        "firstSeen": iso(incident.first_seen),
        "lastSeen": iso(incident.last_seen),
        "callers": [{"source": caller.source, "userAgent": caller.user_agent} for caller in incident.callers],
        "rotation": dict(rotation),
    }
