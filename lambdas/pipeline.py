"""The story: signals become incidents, an incident that needs attention is diagnosed, decided and told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.domain.causes import diagnose
from lambdas.domain.decision import decide
from lambdas.domain.diagnosis import Case
from lambdas.domain.finding import Finding
from lambdas.notify import notify

if TYPE_CHECKING:
    from lambdas.acting import Acting
    from lambdas.domain.cause import Mode
    from lambdas.domain.home import Home
    from lambdas.domain.incident import Incident, Sightings
    from lambdas.domain.ports import AlertTopic, IncidentBus, Incidents
    from lambdas.domain.signal import Signal
    from lambdas.exemptions import Exempting
    from lambdas.gather import Sources


@dataclass(frozen=True, kw_only=True)
class Remediator:
    home: Home
    stage_mode: Mode
    sources: Sources
    incidents: Incidents
    alerts: AlertTopic
    bus: IncidentBus
    acting: Acting
    exempting: Exempting
    rotates_whatever_switched_off: bool = False

    def remediate(self, sightings: Sightings) -> Finding | None:
        """What was found and told, or None for a repeat, which is only counted."""
        noted = self.incidents.note(sightings)
        return self._work_off(noted.incident, sightings.signal) if noted.needs_attention else None

    def recheck(self, key: str) -> Finding | None:
        """The same for a key that was unknown, once more; None if that is no longer due."""
        due = self.incidents.claim_recheck(key)
        return self._work_off(due.incident, due.signal) if due else None

    def _work_off(self, incident: Incident, signal: Signal) -> Finding:
        evidence = self.sources.gather(signal)
        case = Case(signal=signal, evidence=evidence, home=self.home)
        diagnosis = diagnose(case)
        decision = decide(
            case,
            diagnosis,
            exempt=self.exempting.clause_for(case, diagnosis.cause, incident.callers),
            rotates_whatever_switched_off=self.rotates_whatever_switched_off,
        )
        finding = Finding(
            incident=incident,
            case=case,
            diagnosis=diagnosis,
            decision=self.acting.act(incident, case, diagnosis, decision),
            stage_mode=self.stage_mode,
        )
        notify(finding, self.alerts, self.bus, self.incidents)
        return finding
