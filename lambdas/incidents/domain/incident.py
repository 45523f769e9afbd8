"""An incident: one key's trouble, from its first failure to quiet, and what is known and was told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from lambdas.incidents.domain.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lambdas.aws.domain.iam import Caller
    from lambdas.decisions.domain.guardrails import Action
    from lambdas.detection.domain.signal import Signal
    from lambdas.diagnosis.domain.cause import Cause
    from lambdas.incidents.domain.assessment import Assessment


class TriageState(StrEnum):
    """DUE is an incident that was never judged; SUPPRESSED, one of which people were never told."""

    PENDING = "due"
    ALERTED = "told"
    SUPPRESSED = "suppressed"


class UpdateKind(StrEnum):
    """News that may come often, and is told now and then; the values are an event's `transition`."""

    NEW_CALLER = "new-caller"
    NEW_REGION = "new-region"
    COUNT_PASSED = "count-passed"


@dataclass(frozen=True, kw_only=True)
class ReportedState:
    """What the last alert or event said of an incident; of a suppressed one, what only machines were told.
    `kinds` is when each kind of paced news was last told, `alert_at` and `alert_count` when, and after how
    many failed calls, the last alert was made; `reactivated_at` says of which reactivation people know.
    """

    count: int = 0
    callers: frozenset[Caller] = frozenset()
    regions: frozenset[str] = frozenset()
    kinds: Mapping[UpdateKind, datetime] = field(default_factory=dict)
    alert_at: datetime | None = None
    alert_count: int = 0
    reactivated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Reactivation:
    """The key was switched on again, `by` a principal in its own words."""

    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class RotationEnd:
    """What came of the rotation of the key's managed secret; `reason` says why one failed."""

    succeeded: bool
    at: datetime
    new_key: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """What the incident table holds of an incident.

    `announced` and `announced_action` are the cause and the action that machines were last told, `alerted`
    and `alerted_action` those that people were, `alerted_standing` all that these were told then; what waits
    in the outbox counts as told. `signal` is the one by which it was judged, at `judged_at` when
    `judged_count` calls of `judged_callers` callers had failed; `standing` is what was found then.
    `foreseen` says that no call had failed by then, `predicted` that none had when it was opened. An unknown
    key is diagnosed once more at `recheck_at`, and then `rechecked`. It is over at `open_until` unless
    something happens; `ended` says that its closing was told.
    """

    key: str
    opened_at: str
    count: int
    first_seen: datetime
    last_seen: datetime
    callers: tuple[Caller, ...]
    regions: tuple[str, ...] = ()
    attention: TriageState = TriageState.PENDING
    alerts_sent: int = 0
    announced: Cause | None = None
    announced_action: Action | None = None
    alerted: Cause | None = None
    alerted_action: Action | None = None
    alerted_standing: Assessment | None = None
    recheck_at: datetime | None = None
    rechecked: bool = False
    predicted: bool = False
    foreseen: bool = False
    signal: Signal | None = None
    standing: Assessment | None = None
    judged_at: datetime | None = None
    judged_count: int = 0
    judged_callers: int = 0
    told: ReportedState = field(default_factory=ReportedState)
    outbox: Outbox = field(default_factory=Outbox)
    reactivated: Reactivation | None = None
    rotation: RotationEnd | None = None
    open_until: datetime | None = None
    closed: bool = False
    ended: bool = False

    @property
    def incident_id(self) -> str:
        return f"{self.key}/{self.opened_at}"

    @property
    def ref(self) -> IncidentRef:
        return IncidentRef(key=self.key, opened_at=self.opened_at)


@dataclass(frozen=True, kw_only=True)
class IncidentRef:
    key: str
    opened_at: str


@dataclass(frozen=True, kw_only=True)
class RecordedSignals:
    """The incident as it stands after counting. `signal` is the one by which the worker that got this is
    to judge it now; None where there is nothing to judge, or another worker does.
    """

    incident: Incident
    signal: Signal | None = None

    @property
    def needs_attention(self) -> bool:
        return self.signal is not None
