"""Incidents as DynamoDB items.

An item: `accessKeyId` (partition key), `openedAt` (sort key), `state` (open or closed), `attention`
(due, told or suppressed), `claimedBy`, `claimedUntil` and `claimReading` while a worker diagnoses it,
`count`, `firstSeen`, `lastSeen`, `openUntil` (epoch seconds at which it is over unless something happens),
`callers` (a map of caller digest to {source, userAgent}), `alertsSent`, `announced` and `alerted` (the
causes that machines and people were last told), the signal by which it was judged, the finding, and
`expiresAt` (epoch seconds, the TTL). `predicted` says that it was opened before a call had failed,
`foreseen` that none had when it was last judged, at `judgedAt`. While an unknown key waits to be diagnosed
once more, `timer` and `dueAt` (epoch seconds) put it into the index of due incidents; `rechecked` says that
it has been.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from lambdas.adapters.item_times import time_of
from lambdas.adapters.json_fields import utc_time
from lambdas.domain.cause import Cause
from lambdas.domain.incident import Incident
from lambdas.domain.incident_event import iso
from lambdas.domain.signal import Caller, Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambdas.domain.finding import Finding
    from lambdas.domain.incident import Sightings


def new_item(sightings: Sightings, opened_at: str) -> dict[str, object]:
    return {
        "accessKeyId": sightings.key,
        "openedAt": opened_at,
        "state": "open",
        "attention": "due",
        "count": sightings.count,
        "firstSeen": iso(sightings.first_seen),
        "lastSeen": iso(sightings.last_seen),
        "callers": caller_map(sightings.callers),
        "alertsSent": 0,
        "predicted": sightings.signal.switched_off is not None,
    } | signal_attributes(sightings.signal)


def signal_attributes(signal: Signal) -> dict[str, object]:
    """The signal by which an incident is judged, so that it can be judged once more."""
    return {
        "account": signal.account,
        "region": signal.region,
        "service": signal.service,
        "operation": signal.operation,
        "principal": signal.principal,
        "principalType": signal.principal_type,
        "errorCode": signal.error_code,
        "errorMessage": signal.error_message,
        "occurredAt": iso(signal.occurred_at),
    }


def finding_attributes(finding: Finding) -> dict[str, object]:
    """What settling an incident writes. Nothing in it is secret: ids, names and worded facts."""
    announced, alerted = finding.incident.announced, finding.incident.alerted
    return signal_attributes(finding.case.signal) | {
        "attention": _attention(finding),
        "foreseen": finding.case.signal.switched_off is not None,
        "alertsSent": finding.incident.alerts_sent,
        "announced": announced.value if announced else "-",
        "alerted": alerted.value if alerted else "-",
        "cause": finding.diagnosis.cause.value,
        "confidence": finding.diagnosis.confidence.value,
        "facts": list(finding.diagnosis.facts),
        "decision": finding.decision.action.value,
        "guardrail": finding.decision.guardrail.value,
        "severity": finding.decision.severity.value,
        "owner": {"name": finding.owner_name, "id": finding.owner_id},
    }


def incident_of(item: Mapping[str, Any]) -> Incident:
    return Incident(
        key=item["accessKeyId"],
        opened_at=item["openedAt"],
        count=int(item["count"]),
        first_seen=time_of(item["firstSeen"]),
        last_seen=time_of(item["lastSeen"]),
        callers=tuple(
            Caller(source=caller["source"], user_agent=caller["userAgent"])
            for caller in item["callers"].values()
        ),
        alerts_sent=int(item["alertsSent"]),
        announced=_cause(item.get("announced", "-")),
        alerted=_cause(item.get("alerted", "-")),
        rechecked=bool(item.get("rechecked")),
        predicted=bool(item["predicted"]),
        judged_at=utc_time(item.get("judgedAt")),
    )


def signal_of(item: Mapping[str, Any]) -> Signal:
    """The signal by which the incident was judged, as far as a diagnosis needs it."""
    incident = incident_of(item)
    return Signal(
        access_key_id=incident.key,
        error_code=item["errorCode"],
        error_message=item["errorMessage"],
        service=item["service"],
        operation=item["operation"],
        region=item["region"],
        account=item["account"],
        principal=item["principal"],
        principal_type=item["principalType"],
        caller=incident.callers[0],
        made_by_aws=False,
        occurred_at=time_of(item["occurredAt"]),
    )


def caller_map(callers: Iterable[Caller]) -> dict[str, dict[str, str]]:
    return {_digest(caller): {"source": caller.source, "userAgent": caller.user_agent} for caller in callers}


def _digest(caller: Caller) -> str:
    return hashlib.sha256(f"{caller.source}\n{caller.user_agent}".encode()).hexdigest()[:16]


def _attention(finding: Finding) -> str:
    if finding.alert_is_due or finding.event_is_due:
        return "due"
    return "told" if finding.incident.alerts_sent else "suppressed"


def _cause(value: str) -> Cause | None:
    return None if value == "-" else Cause(value)
