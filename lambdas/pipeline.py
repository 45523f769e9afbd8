"""The story: signals become incidents, an incident that needs attention is diagnosed, decided and told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.domain.causes import diagnose
from lambdas.domain.decision import decide
from lambdas.domain.diagnosis import Case
from lambdas.domain.finding import Finding
from lambdas.gather import gather
from lambdas.notify import notify

if TYPE_CHECKING:
    from lambdas.domain.cause import Mode
    from lambdas.domain.home import Home
    from lambdas.domain.incident import Sightings
    from lambdas.domain.ports import AlertTopic, Iam, IncidentBus, Incidents, TrailHistory


@dataclass(frozen=True, kw_only=True)
class Remediator:
    home: Home
    stage_mode: Mode
    iam: Iam
    trail: TrailHistory
    incidents: Incidents
    alerts: AlertTopic
    bus: IncidentBus

    def remediate(self, sightings: Sightings) -> Finding | None:
        """What was found and told, or None for a repeat, which is only counted."""
        noted = self.incidents.note(sightings)
        if not noted.needs_attention:
            return None
        evidence = gather(sightings.signal, self.iam, self.trail)
        case = Case(signal=sightings.signal, evidence=evidence, home=self.home)
        diagnosis = diagnose(case)
        finding = Finding(
            incident=noted.incident,
            case=case,
            diagnosis=diagnosis,
            decision=decide(case, diagnosis),
            stage_mode=self.stage_mode,
        )
        notify(finding, self.alerts, self.bus, self.incidents)
        return finding
