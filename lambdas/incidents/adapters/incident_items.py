"""Incidents as DynamoDB items.

- Keys: `accessKeyId` (partition key), `openedAt` (sort key).
- State: `state` (open or closed), `attention` (a TriageState), `predicted`, `ended` (closing reported),
  `openUntil` and `expiresAt` (epoch seconds; the latter is the TTL).
- Counted: `count`, `firstSeen`, `lastSeen`, `callers` (a map of digest to caller), `regions` (a set),
  `others:<digest of source>` (calls of callers that are not listed; without a digest, of other sources).
- Last evaluation: the fields of an Assessment, `signal`, `facts`, and `decisionReason`, a clause for people,
  which names the exemptions that applied.
- Reported: `alerted` (an Assessment, empty if it is the last one), `reported`, `alertsSent`, `outbox`.
- Follow-up: `timer` and `dueAt` (epoch seconds), the keys of the index of due incidents; `recheckAt`,
  `rechecked`.
- Claim: `claimedBy`, `claimedUntil` (epoch seconds), `claimReading` (the ErrorClass under evaluation).
- Written by others: `reactivated`, `rotation`, and `closedBy` by a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.times import iso
from lambdas.codec import from_plain, rename, to_plain
from lambdas.detection.domain.callers import OTHER_SOURCES, calls_of_others
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import SignalGroup
from lambdas.incidents.domain.finding import Finding
from lambdas.incidents.domain.incident import Assessment, Incident, ReportedState, RotationEnd, TriageState
from lambdas.incidents.domain.outbox import Channel, Outbox

_OTHERS = "others:"

rename(
    Incident,
    key="accessKeyId",
    opened_by_prediction="predicted",
    closing_reported="ended",
    reactivation="reactivated",
)
rename(
    Assessment, at="evaluatedAt", count="evaluatedCount", caller_count="evaluatedCallers", action="decision"
)


def new_item(group: SignalGroup, opened_at: str) -> dict[str, object]:
    regions = {"regions": set(group.regions)} if group.regions else {}  # DynamoDB has no empty set
    return regions | {
        "accessKeyId": group.key,
        "openedAt": opened_at,
        "state": "open",
        "attention": TriageState.PENDING.value,
        "count": group.count,
        "firstSeen": iso(group.first_seen),
        "lastSeen": iso(group.last_seen),
        "callers": caller_map(group.callers),
        **others_attributes(calls_of_others(group.calls, group.callers)),
        "alertsSent": 0,
        "predicted": group.signal.predicted_outage is not None,
        "signal": _signal_attribute(group.signal),
    }


def finding_attributes(finding: Finding, latest: Assessment) -> dict[str, object]:
    """Nothing in it is secret: ids, names and worded facts."""
    return to_plain(latest) | {
        "signal": _signal_attribute(finding.case.signal),
        "facts": list(finding.diagnosis.facts),
        "decisionReason": finding.decision.reason,
    }


def incident_attributes(incident: Incident) -> dict[str, object]:
    """What was reported, and what is to be done."""
    alerted = incident.alerted
    return {
        "attention": incident.triage.value,
        "alertsSent": incident.alerts_sent,
        # Each write is paid for by the size of the item.
        "alerted": to_plain(alerted) if alerted and alerted != incident.latest else {} if alerted else None,
        "rechecked": incident.rechecked,
        "recheckAt": int(incident.recheck_at.timestamp()) if incident.recheck_at else None,
        "reported": _reported_attribute(incident.reported),
        "outbox": outbox_attribute(incident.outbox),
        "ended": incident.closing_reported,
    }


def outbox_attribute(outbox: Outbox) -> dict[str, object]:
    """Each message is JSON text, as DynamoDB has no floating-point numbers."""
    return {
        channel.value: [json.dumps(dict(message)) for message in outbox.of(channel)] for channel in Channel
    }


def caller_map(callers: Iterable[Caller]) -> dict[str, dict[str, str]]:
    return {_digest(caller): to_plain(caller) for caller in callers}


def stored_callers(item: Mapping[str, Any]) -> list[Caller]:
    return [from_plain(Caller, caller) for caller in item["callers"].values()]


def others_attributes(calls: Mapping[str, int]) -> dict[str, int]:
    """An attribute for each source, so that each can be counted by an update of its own."""
    return {_OTHERS + _source_digest(source): number for source, number in calls.items()}


def _others(item: Mapping[str, Any]) -> dict[str, int]:
    sources = {_source_digest(caller["source"]): caller["source"] for caller in item["callers"].values()}
    counted = {name.removeprefix(_OTHERS): it for name, it in item.items() if name.startswith(_OTHERS)}
    return {sources.get(digest, OTHER_SOURCES): int(number) for digest, number in counted.items()}


def to_incident(item: Mapping[str, Any]) -> Incident:
    """Raises PermanentError for an item that this module did not write."""
    callers, alerted = item["callers"], item.get("alerted")
    plain = {
        **item,
        "callers": list(callers.values()),
        "regions": sorted(item.get("regions", ())),
        "latest": item if "cause" in item else None,
        "alerted": item if alerted == {} else alerted,
        "reported": _with_callers(item.get("reported", {}), callers),
        "otherCalls": _others(item),
        "closed": item["state"] == "closed",
    }
    for read_below in ("signal", "outbox", "rotation"):
        plain.pop(read_below, None)
    return replace(
        from_plain(Incident, plain),
        signal=_signal(item),
        outbox=_outbox(item.get("outbox", {})),
        rotation=_rotation(item["rotation"]) if "rotation" in item else None,
    )


def _signal_attribute(signal: Signal) -> dict[str, object]:
    """Without the refused id, which may be a secret: the partition key has it, or its hash."""
    return to_plain(replace(signal, access_key_id=""))


def _signal(item: Mapping[str, Any]) -> Signal | None:
    """None where only the hash of the refused id is known."""
    key: str = item["accessKeyId"]
    if key.startswith("sha256:"):
        return None
    signal = from_plain(Signal, item["signal"])
    names_no_id = key.startswith("none:") or signal.folded_into
    return signal if names_no_id else replace(signal, access_key_id=key)


def _reported_attribute(reported: ReportedState) -> dict[str, object]:
    """With the callers' keys in the item instead of the callers."""
    attribute = to_plain(replace(reported, callers=frozenset()))
    return attribute | {"callers": sorted(map(_digest, reported.callers))}


def _with_callers(reported: Mapping[str, Any], callers: Mapping[str, Any]) -> dict[str, Any]:
    known = [callers[digest] for digest in reported.get("callers", ()) if digest in callers]
    return {**reported, "callers": known}


def _outbox(attribute: Mapping[str, Any]) -> Outbox:
    pending = {channel: tuple(map(json.loads, attribute.get(channel.value, ()))) for channel in Channel}
    return Outbox({channel: messages for channel, messages in pending.items() if messages})


def _rotation(attribute: Mapping[str, str]) -> RotationEnd:
    """As rotation_map writes it, for events too."""
    texts = {name: "" if value == "-" else value for name, value in attribute.items()}
    return from_plain(RotationEnd, {**texts, "succeeded": attribute["outcome"] == "succeeded"})


def _source_digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:16] if source else ""


def _digest(caller: Caller) -> str:
    through = f"\n{caller.vpc_endpoint}" if caller.vpc_endpoint else ""  # earlier versions stored none
    return hashlib.sha256(f"{caller.source}\n{caller.user_agent}{through}".encode()).hexdigest()[:16]
