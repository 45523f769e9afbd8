"""How many keys of one user have alerts of their own: an owner can create, use and delete keys without end.

In any hour the first few keys have. The next one has the alert that further ones share: these are counted,
and named in an update of its incident. Only alerts of the same severity and decision share one, so a flood
hides nothing that is worse or to be treated differently. A key that was in use for long is not counted at
all: IAM allows two keys at a time, so no owner has many of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lambdas.aws.domain.iam_events import CREATE_KEY, DELETE_KEY
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.incidents.domain.finding import Finding
from lambdas.incidents.domain.incident import Incident, ReportedState, SharedAlert

PERIOD = timedelta(hours=1)
MAX_KEYS = 8  # with alerts of their own, in a period
MAX_NAMED = 8  # of the others
_RECENT = 2 * PERIOD  # CloudTrail's records may be 15 minutes late


class Place(StrEnum):
    OWN = "own"  # an alert of its own
    SHARED = "shared"  # the alert that further keys share
    NONE = "none"  # no alert: the key is counted


@dataclass(frozen=True, kw_only=True)
class OwnAlert:
    incident: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HeldKeys:
    """Keys that have no alert of their own."""

    count: int = 0
    named: tuple[str, ...] = ()  # the first MAX_NAMED


@dataclass(frozen=True, kw_only=True)
class OwnerAlerts:
    """Of the keys that share alerts: those of one user with the same severity and decision."""

    own: tuple[OwnAlert, ...] = ()  # of the last period, at most MAX_KEYS
    shared: OwnAlert | None = None  # the last alert that several keys share
    held: HeldKeys = HeldKeys()  # not reported yet

    def with_key(self, incident: Incident, now: datetime) -> tuple[Place, OwnerAlerts]:
        """The same place again, if it crashed before its alert was sent."""
        known = replace(self, own=tuple(it for it in self.own if it.at > now - PERIOD))
        alert = OwnAlert(incident=incident.incident_id, at=now)
        if any(it.incident == alert.incident for it in known.own):
            return Place.OWN, known
        if len(known.own) < MAX_KEYS:
            return Place.OWN, replace(known, own=(*known.own, alert))
        shared = known.shared
        if shared is None or shared.at <= now - PERIOD or shared.incident == alert.incident:
            return Place.SHARED, replace(known, shared=alert)
        if incident.reported.is_held:
            return Place.NONE, known
        return Place.NONE, replace(known, held=_with_one(known.held, incident.key))

    def reported(self, held: HeldKeys, now: datetime) -> OwnerAlerts:
        """After the update that named `held`; a key that was counted since then is still to be reported."""
        shared = replace(self.shared, at=now) if self.shared else None
        left = max(0, self.held.count - held.count)
        named = tuple(key for key in self.held.named if key not in held.named)
        return replace(self, shared=shared, held=HeldKeys(count=left, named=named))


def placed(reported: ReportedState, place: Place, group: str, now: datetime) -> ReportedState:
    shared = SharedAlert(group=group, until=now + PERIOD) if place is Place.SHARED else None
    return replace(reported, is_held=place is Place.NONE, shared=shared)


def held_keys_reported(reported: ReportedState, held: HeldKeys, now: datetime) -> ReportedState:
    """Looked for again after a period, as long as there are any."""
    shared = reported.shared
    goes_on = replace(shared, until=now + PERIOD) if shared and held.count else None
    return replace(reported, shared=goes_on)


def held_keys_are_due(incident: Incident, now: datetime) -> bool:
    """Before it closes, at the latest."""
    shared, is_over = incident.reported.shared, incident.open_until is not None and incident.open_until <= now
    return shared is not None and (shared.until <= now or incident.closed or is_over)


def group_of(finding: Finding) -> str | None:
    """Which alerts the alert of the finding is counted with, as a digest; None if it is not counted."""
    decision, owner = finding.decision, finding.owner_id or finding.owner_name
    is_first = finding.incident.alerted is None
    if not (owner and is_first) or was_in_use_for_long(finding.case.evidence, finding.at):
        return None
    same = (owner, decision.severity, decision.action, decision.guardrail)
    return hashlib.sha256("\n".join(same).encode()).hexdigest()[:32]


def was_in_use_for_long(evidence: Evidence, now: datetime) -> bool:
    """Whether the key existed for a period, and exists or was deleted only recently."""
    created = _created_at(evidence)
    if created is None:
        return False
    if evidence.key:
        return now - created >= PERIOD
    deleted = evidence.latest(DELETE_KEY)
    end = deleted.at if deleted else evidence.deletion.until if evidence.deletion else None
    return end is not None and end - created >= PERIOD and now - end < _RECENT


def _created_at(evidence: Evidence) -> datetime | None:
    if evidence.key:
        return evidence.key.created_at
    created = evidence.latest(CREATE_KEY)
    return created.at if created else None


def _with_one(held: HeldKeys, key: str) -> HeldKeys:
    named = held.named if key in held.named else (*held.named, key)
    return HeldKeys(count=held.count + 1, named=named[:MAX_NAMED])
