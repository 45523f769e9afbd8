"""Incidents as DynamoDB items.

An item: `accessKeyId` (partition key), `openedAt` (sort key), `state` (open or closed), `attention`
(due, told or suppressed), `claimedBy`, `claimedUntil` and `claimReading` while a worker is at it, `count`,
`firstSeen`, `lastSeen`, `openUntil` (epoch seconds at which it is over unless something happens), `callers`
(a map of caller digest to {source, userAgent}), `regions` (a set), `alertsSent`, `announced` and `alerted`
(the causes that machines and people were last told), `announcedAction` and `alertedAction` likewise, `told`
and `outbox` (told_items.py), the signal by which it was judged, the finding (its `decisionReason` is a clause
for people, which names the exemptions that applied), and `expiresAt` (epoch seconds, the TTL). `predicted`
says that it was opened before a call had failed, `foreseen` that none had when it was last judged, at
`judgedAt`, `judgedCount` and `judgedCallers`. `timer` and `dueAt` (epoch seconds) put it into the index of
incidents that the timer looks after, until `ended` says that its closing was told. An unknown key is
diagnosed once more at `recheckAt`; `rechecked` says that it has been. `reactivated` ({at, by}) is written
when the key was switched on again, `rotation` by whoever tells of rotations. `alertedFinding` is the
finding that people were told, where it is not the last one.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.item_codec import time_of
from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.times import iso
from lambdas.aws.json_fields import utc_time
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.detection.domain.signal import Signal
from lambdas.detection.signal_parser import NO_CALLER
from lambdas.diagnosis.domain.cause import Cause, Severity
from lambdas.diagnosis.domain.diagnosis import Confidence
from lambdas.incidents.adapters.delivery_items import (
    at_epoch_or_none,
    outbox_attribute,
    outbox_of,
    reactivated_of,
    rotation_of,
    told_attribute,
    told_before,
    told_of,
)
from lambdas.incidents.domain.assessment import Assessment
from lambdas.incidents.domain.incident import Incident, TriageState
from lambdas.ledger.domain.key_state_change import KeyStateChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambdas.detection.domain.signal_group import SignalGroup
    from lambdas.incidents.domain.finding import Finding


def new_item(sightings: SignalGroup, opened_at: str) -> dict[str, object]:
    regions = {"regions": set(sightings.regions)} if sightings.regions else {}  # DynamoDB has no empty set
    return (
        {
            "accessKeyId": sightings.key,
            "openedAt": opened_at,
            "state": "open",
            "attention": "due",
            "count": sightings.count,
            "firstSeen": iso(sightings.first_seen),
            "lastSeen": iso(sightings.last_seen),
            "callers": caller_map(sightings.callers),
            "alertsSent": 0,
            "predicted": sightings.signal.predicted_outage is not None,
            "foreseen": sightings.signal.predicted_outage is not None,
        }
        | regions
        | signal_attributes(sightings.signal)
    )


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
        "judgedCaller": {"source": signal.caller.source, "userAgent": signal.caller.user_agent},
        "switchedOff": _switched_off_attribute(signal.predicted_outage),
    }


def finding_attributes(finding: Finding) -> dict[str, object]:
    """What was found. Nothing in it is secret: ids, names and worded facts."""
    standing = finding.standing
    return signal_attributes(finding.case.signal) | {
        "foreseen": finding.case.signal.predicted_outage is not None,
        **_standing_attributes(standing),
        "facts": list(finding.diagnosis.facts),
        "decisionReason": finding.decision.reason,
    }


def incident_attributes(incident: Incident) -> dict[str, object]:
    """What was told, and how the incident stands."""
    digests = {caller: digest_of(caller) for caller in incident.callers}
    return {
        "attention": incident.attention.value,
        "alertsSent": incident.alerts_sent,
        "announced": incident.announced.value if incident.announced else "-",
        "announcedAction": incident.announced_action.value if incident.announced_action else "-",
        "alerted": incident.alerted.value if incident.alerted else "-",
        "alertedAction": incident.alerted_action.value if incident.alerted_action else "-",
        "alertedFinding": _alerted_finding_attribute(incident),
        "rechecked": incident.rechecked,
        "recheckAt": int(incident.recheck_at.timestamp()) if incident.recheck_at else None,
        "judgedAt": iso(incident.judged_at) if incident.judged_at else None,
        "judgedCount": incident.judged_count,
        "judgedCallers": incident.judged_callers,
        "told": told_attribute(incident.told, digests),
        "outbox": outbox_attribute(incident.outbox),
        "ended": incident.ended,
    }


def incident_of(item: Mapping[str, Any]) -> Incident:
    callers = {digest: _caller(it) for digest, it in item["callers"].items()}
    incident = _incident_of(item, callers)
    if "told" in item:
        return replace(incident, told=told_of(item["told"], callers))
    # It was judged by a version that kept no record of this, and told all there was.
    return replace(incident, told=told_before(incident)) if incident.standing else incident


def _incident_of(item: Mapping[str, Any], callers: Mapping[str, Caller]) -> Incident:
    return Incident(
        key=item["accessKeyId"],
        opened_at=item["openedAt"],
        count=int(item["count"]),
        first_seen=time_of(item["firstSeen"]),
        last_seen=time_of(item["lastSeen"]),
        callers=tuple(callers.values()),
        regions=tuple(sorted(item.get("regions", ()))),
        attention=TriageState(item["attention"]),
        alerts_sent=int(item["alertsSent"]),
        announced=_cause(item.get("announced", "-")),
        announced_action=_action(item.get("announcedAction", "-")),
        alerted=_cause(item.get("alerted", "-")),
        alerted_action=_action(item.get("alertedAction", "-")),
        alerted_standing=_alerted_standing_of(item),
        recheck_at=at_epoch_or_none(item.get("recheckAt")),
        rechecked=bool(item.get("rechecked")),
        predicted=bool(item["predicted"]),
        foreseen=bool(item.get("foreseen")),
        signal=_signal_of(item),
        standing=_standing_of(item),
        judged_at=utc_time(item.get("judgedAt")),
        judged_count=int(item.get("judgedCount", 0)),
        judged_callers=int(item.get("judgedCallers", 0)),
        outbox=outbox_of(item.get("outbox") or {}),
        reactivated=reactivated_of(item.get("reactivated")),
        rotation=rotation_of(item.get("rotation")),
        open_until=at_epoch_or_none(item.get("openUntil")),
        closed=item["state"] == "closed",
        ended=bool(item.get("ended")),
    )


def _signal_of(item: Mapping[str, Any]) -> Signal | None:
    """The signal by which the incident was judged, as far as a diagnosis needs it; None where the refused
    id is kept as a hash alone.
    """
    if item["accessKeyId"].startswith("sha256:"):
        return None
    off = item.get("switchedOff")
    judged_caller = item.get("judgedCaller")
    return Signal(
        access_key_id="" if item["accessKeyId"].startswith("none:") else item["accessKeyId"],
        error_code=item["errorCode"],
        error_message=item["errorMessage"],
        service=item["service"],
        operation=item["operation"],
        region=item["region"],
        account=item["account"],
        principal=item["principal"],
        principal_type=item["principalType"],
        caller=_caller(judged_caller) if judged_caller else NO_CALLER,
        made_by_aws=False,
        occurred_at=time_of(item["occurredAt"]),
        predicted_outage=_switched_off(item["accessKeyId"], off) if off else None,
    )


def _switched_off_attribute(off: KeyStateChange | None) -> dict[str, str] | None:
    if off is None:
        return None
    return {"eventName": off.event_name, "at": iso(off.at), "by": off.by, "userName": off.user_name}


def _switched_off(access_key_id: str, off: Mapping[str, Any]) -> KeyStateChange:
    return KeyStateChange(
        access_key_id=access_key_id,
        event_name=off["eventName"],
        at=time_of(off["at"]),
        by=off["by"],
        user_name=off["userName"],
    )


def _standing_attributes(standing: Assessment) -> dict[str, object]:
    return {
        "cause": standing.cause.value,
        "confidence": standing.confidence.value,
        "decision": standing.action.value,
        "guardrail": standing.guardrail.value,
        "severity": standing.severity.value,
        "owner": {"name": standing.owner_name, "id": standing.owner_id},
        "contact": standing.contact,
        "failing": {"service": standing.service, "region": standing.region},
    }


def _alerted_finding_attribute(incident: Incident) -> dict[str, object] | None:
    """None where it is the last one, as each write is paid for by the size of the item."""
    told = incident.alerted_standing
    return _standing_attributes(told) if told and told != incident.standing else None


def _alerted_standing_of(item: Mapping[str, Any]) -> Assessment | None:
    """None where people were told nothing."""
    if item.get("alerted", "-") == "-":
        return None
    return _standing_of(item.get("alertedFinding") or item)


def _standing_of(item: Mapping[str, Any]) -> Assessment | None:
    """None until the incident was judged."""
    if "cause" not in item:
        return None
    owner, failing = item["owner"], item.get("failing", {})
    return Assessment(
        cause=Cause(item["cause"]),
        confidence=Confidence(item["confidence"]),
        action=Action(item["decision"]),
        guardrail=Guardrail(item["guardrail"]),
        severity=Severity(item["severity"]),
        owner_name=owner["name"],
        owner_id=owner["id"],
        contact=item.get("contact", ""),
        region=failing.get("region", item.get("region", "")),
        service=failing.get("service", item.get("service", "")),
    )


def caller_map(callers: Iterable[Caller]) -> dict[str, dict[str, str]]:
    return {digest_of(it): {"source": it.source, "userAgent": it.user_agent} for it in callers}


def digest_of(caller: Caller) -> str:
    return hashlib.sha256(f"{caller.source}\n{caller.user_agent}".encode()).hexdigest()[:16]


def _caller(item: Mapping[str, Any]) -> Caller:
    return Caller(source=item["source"], user_agent=item["userAgent"])


def _cause(value: str) -> Cause | None:
    return None if value == "-" else Cause(value)


def _action(value: str) -> Action | None:
    return None if value == "-" else Action(value)
