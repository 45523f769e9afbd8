"""The incident event: one for each transition of an incident, on the incident bus."""

from __future__ import annotations

from lambdas.aws.domain.times import iso
from lambdas.incidents.domain.incident import Assessment, Incident
from lambdas.text import printable

SOURCE = "access-key-remediator"

DETAIL_TYPE = "Access Key Incident"

SCHEMA_VERSION = "1.0"


def incident_event_detail(
    incident: Incident, assessment: Assessment, account: str, transition: str
) -> dict[str, object]:
    """Ready for JSON; a repeated delivery is equal in every field.

    `account` is the remediator's; `transition` is a value of Transition.
    """
    return {
        "schemaVersion": SCHEMA_VERSION,
        "incidentId": incident.incident_id,
        "transition": str(transition),
        "accessKeyId": incident.key,
        "cause": assessment.cause.value,
        "predicted": incident.opened_by_prediction,
        "confidence": assessment.confidence.value,
        "decision": assessment.action.value,
        "guardrail": assessment.guardrail.value,
        "severity": assessment.severity.value,
        "owner": {"name": assessment.owner.name, "id": assessment.owner.id},
        "account": account,
        "region": printable(assessment.region),
        "count": incident.count,
        "firstSeen": iso(incident.first_seen),
        "lastSeen": iso(incident.last_seen),
        "callers": [{"source": caller.source, "userAgent": caller.user_agent} for caller in incident.callers],
    }
