"""The incident event: one for each transition of an incident, for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.inert_text import printable

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.domain.finding import Finding

SOURCE = "access-key-remediator"
DETAIL_TYPE = "Access Key Incident"
SCHEMA_VERSION = "1.0"


def incident_event_detail(finding: Finding) -> dict[str, object]:
    """The event's detail, ready for JSON; a repeated delivery has the same incidentId and transition."""
    incident, _signal = finding.incident, finding.case.signal
    return {
        "schemaVersion": SCHEMA_VERSION,
        "incidentId": incident.incident_id,
        "transition": "opened" if incident.announced is None else "cause-changed",
        "accessKeyId": incident.key,
        "cause": finding.diagnosis.cause.value,
        "predicted": incident.predicted,
        "confidence": finding.diagnosis.confidence.value,
        "decision": finding.decision.action.value,
        "guardrail": finding.decision.guardrail.value,
        "severity": finding.decision.severity.value,
        "owner": {"name": finding.owner_name, "id": finding.owner_id},
        "account": finding.case.home.account,
        "region": printable(finding.region),
        "count": incident.count,
        "firstSeen": iso(incident.first_seen),
        "lastSeen": iso(incident.last_seen),
        "callers": [{"source": caller.source, "userAgent": caller.user_agent} for caller in incident.callers],
    }


def iso(at: datetime) -> str:
    """`2026-01-31T13:05:09Z`; `at` must be in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
