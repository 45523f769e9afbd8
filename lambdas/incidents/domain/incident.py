"""An incident: one key's trouble, from its first failure until it is quiet, and what was reported of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lambdas.aws.domain.iam import Caller
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.detection.domain.signal import Signal
from lambdas.diagnosis.domain.cause import OF_INACTIVE_KEYS, OF_UNKNOWN_IDS, Cause, Severity
from lambdas.diagnosis.domain.diagnosis import Confidence
from lambdas.incidents.domain.outbox import Outbox


class TriageState(StrEnum):
    PENDING = "due"  # not evaluated yet
    ALERTED = "told"
    SUPPRESSED = "suppressed"  # there is nothing to alert about, at least for now


class UpdateKind(StrEnum):
    """Changes that may be frequent, so each kind is reported now and then. Each is a Transition too."""

    NEW_CALLER = "new-caller"
    NEW_REGION = "new-region"
    COUNT_PASSED = "count-passed"


class Transition(StrEnum):
    """A change of an incident; each is an event."""

    OPENED = "opened"
    CAUSE_CHANGED = "cause-changed"
    DECISION_CHANGED = "decision-changed"
    NEW_CALLER = "new-caller"
    NEW_REGION = "new-region"
    COUNT_PASSED = "count-passed"
    KEY_REACTIVATED = "key-reactivated"
    ROTATION_SUCCEEDED = "rotation-succeeded"
    ROTATION_FAILED = "rotation-failed"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class AffectedOwner:
    """Both are empty where nothing names an owner."""

    name: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What one evaluation of an incident found and decided, as far as later alerts and events need it."""

    at: datetime
    count: int  # failed calls by then
    caller_count: int  # callers known by then
    cause: Cause
    confidence: Confidence
    action: Action
    guardrail: Guardrail
    severity: Severity
    owner: AffectedOwner
    contact: str  # empty where there is none
    region: str  # of the call that was evaluated, in the caller's words
    service: str  # likewise
    exposes_secret: bool = False  # the call put a secret where others can read it


@dataclass(frozen=True, kw_only=True)
class SharedAlert:
    """The incident reports further keys of its owner (owner_alerts.py)."""

    group: str
    until: datetime  # when those without an alert are reported


@dataclass(frozen=True, kw_only=True)
class ReportedState:
    """What the last alert or event said of an incident; only events report a suppressed one."""

    count: int = 0
    callers: frozenset[Caller] = frozenset()
    regions: frozenset[str] = frozenset()
    updated_at: Mapping[UpdateKind, datetime] = field(
        default_factory=dict
    )  # when each kind was last reported
    # What AWS objects to in the calls that were alerted, as names of Objection: a key may fail for several.
    objections: frozenset[str] = frozenset()
    alert_at: datetime | None = None  # when the last alert was composed
    alert_count: int = 0  # failed calls by then
    reactivated_at: datetime | None = None  # of the last reactivation that was reported, or is held
    changes_at: tuple[datetime, ...] = ()  # of the last alerts that the key or the diagnosis changed
    held_changes: int = 0  # changes since then that have no alert yet
    is_held: bool = False  # it has no alert because of many others of the owner
    shared: SharedAlert | None = None  # its alert is one that keys of the owner share


@dataclass(frozen=True, kw_only=True)
class Reactivation:
    at: datetime
    by: str  # a principal in its own words


@dataclass(frozen=True, kw_only=True)
class RotationEnd:
    """The result of the rotation of the key's managed secret."""

    succeeded: bool
    at: datetime
    new_key: str = ""
    reason: str = ""  # why it failed


@dataclass(frozen=True, kw_only=True)
class IncidentRef:
    key: str
    opened_at: str


@dataclass(frozen=True, kw_only=True)
class Incident:
    key: str
    opened_at: str
    count: int
    first_seen: datetime
    last_seen: datetime
    callers: tuple[Caller, ...]
    other_calls: Mapping[str, int] = field(default_factory=dict)  # of callers not listed, by source
    regions: tuple[str, ...] = ()
    opened_by_prediction: bool = False  # no call had failed when it was opened
    signal: Signal | None = None  # the one it was last evaluated by, or is to be
    latest: Assessment | None = None  # of the last evaluation
    alerted: Assessment | None = None  # of the evaluation that the last alert reported
    alerts_sent: int = 0
    recheck_at: datetime | None = None  # when what CloudTrail did not have yet is looked up again
    rechecked: bool = False
    reported: ReportedState = field(default_factory=ReportedState)  # includes what waits in the outbox
    outbox: Outbox = field(default_factory=Outbox)
    reactivation: Reactivation | None = None
    rotation: RotationEnd | None = None
    open_until: datetime | None = None  # closed then, unless another call fails
    closed_by: str = ""  # the person who closes it, in its own words; written by that person
    closed: bool = False
    closing_reported: bool = False

    @property
    def incident_id(self) -> str:
        return f"{self.key}/{self.opened_at}"

    @property
    def opened(self) -> datetime:
        return datetime.fromisoformat(self.opened_at)

    @property
    def ref(self) -> IncidentRef:
        return IncidentRef(key=self.key, opened_at=self.opened_at)

    @property
    def triage(self) -> TriageState:
        if self.latest is None:
            return TriageState.PENDING
        is_suppressed = self.latest.action is Action.SUPPRESS or self.alerted is None
        return TriageState.SUPPRESSED if is_suppressed else TriageState.ALERTED

    @property
    def found_inactive_at(self) -> datetime | None:
        """When its last alert was about a key that was not active; None if it was not."""
        alerted = self.alerted
        return alerted.at if alerted and alerted.cause in OF_INACTIVE_KEYS else None

    @property
    def exposes_secret(self) -> bool:
        """Such an incident is closed by a person, not by silence: the secret stays readable."""
        return self.latest is not None and self.latest.exposes_secret

    @property
    def is_of_unknown_id(self) -> bool:
        """Whether its last alert was about an id that no key of the account is known to have."""
        return self.alerted is not None and self.alerted.cause in OF_UNKNOWN_IDS

    @property
    def awaits_first_failure(self) -> bool:
        """Whether it was last evaluated by a prediction."""
        return self.signal is not None and self.signal.predicted_outage is not None


@dataclass(frozen=True, kw_only=True)
class RecordedSignals:
    """The incident after counting."""

    incident: Incident
    signal: Signal | None = (
        None  # evaluate the incident by it; None if nothing is to do, or another worker does
    )


@dataclass(frozen=True, kw_only=True)
class DueIncident:
    ref: IncidentRef
    since: datetime
