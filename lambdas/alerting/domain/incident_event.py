"""The incident event: one for each transition of an incident, for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.times import iso
from lambdas.text import printable

if TYPE_CHECKING:
    from lambdas.incidents.domain.assessment import Assessment
    from lambdas.incidents.domain.incident import Incident

SOURCE = "access-key-remediator"

DETAIL_TYPE = "Access Key Incident"

SCHEMA_VERSION = "1.0"


def incident_event_detail(
    incident: Incident, standing: Assessment, account: str, transition: str
) -> dict[str, object]:
    """The event's detail, ready for JSON; a repeated delivery is the same in every field. `account` is the
    remediator's, `transition` one of Transition's values.
    """
    return {
        "schemaVersion": SCHEMA_VERSION,
        "incidentId": incident.incident_id,
        "transition": str(transition),
        "accessKeyId": incident.key,
        "cause": standing.cause.value,
        "predicted": incident.predicted,
        "confidence": standing.confidence.value,
        "decision": standing.action.value,
        "guardrail": standing.guardrail.value,
        "severity": standing.severity.value,
        "owner": {"name": standing.owner_name, "id": standing.owner_id},
        "account": account,
        "region": printable(standing.region),
        "count": incident.count,
        "firstSeen": iso(incident.first_seen),
        "lastSeen": iso(incident.last_seen),
        "callers": [{"source": caller.source, "userAgent": caller.user_agent} for caller in incident.callers],
    }
