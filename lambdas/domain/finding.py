"""A finding: an incident with its diagnosis and decision, which is all that is ever told or stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.domain.cause import Cause
from lambdas.domain.decision import Action

if TYPE_CHECKING:
    from lambdas.domain.cause import Mode
    from lambdas.domain.decision import Decision
    from lambdas.domain.diagnosis import Case, Diagnosis
    from lambdas.domain.incident import Incident


@dataclass(frozen=True, kw_only=True)
class Finding:
    incident: Incident
    case: Case
    diagnosis: Diagnosis
    decision: Decision
    stage_mode: Mode

    @property
    def owner_name(self) -> str:
        """Empty when nothing names an owner."""
        return self.case.evidence.owner.name if self.case.evidence.owner else ""

    @property
    def owner_id(self) -> str:
        return self.case.evidence.owner.user_id if self.case.evidence.owner else ""

    @property
    def corrects_an_alert(self) -> bool:
        """The key was unknown when its alert was sent, and is known now."""
        was_unknown = self.incident.alerted is Cause.UNKNOWN_KEY
        return was_unknown and self.diagnosis.cause is not Cause.UNKNOWN_KEY

    @property
    def alert_is_due(self) -> bool:
        """A correction is sent even if the key turns out to be good: the alert before was wrong."""
        first = self.decision.action is not Action.SUPPRESS and self.incident.alerts_sent == 0
        return first or self.corrects_an_alert

    @property
    def wants_recheck(self) -> bool:
        """CloudTrail's history lags, so a key that nothing knows is asked about once more, later."""
        unknown = self.diagnosis.cause is Cause.UNKNOWN_KEY and self.case.signal.has_usable_id
        return unknown and not self.incident.rechecked

    @property
    def event_is_due(self) -> bool:
        """Machines are told each change of the cause, suppressed incidents included."""
        return self.incident.announced is not self.diagnosis.cause
