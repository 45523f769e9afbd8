"""The story: signals become incidents, an incident that needs attention is diagnosed, decided and told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam_events import UPDATE_KEY
from lambdas.decisions.domain.decision import decide
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes import diagnose
from lambdas.diagnosis.domain.diagnosis import Case
from lambdas.incidents.domain.finding import Finding
from lambdas.incidents.domain.incident import TriageState
from lambdas.incidents.domain.outbox import Channel
from lambdas.incidents.domain.update_policy import news_to_tell
from lambdas.remediation.incident_reporter import IncidentReporter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.alerting.delivery import Delivery
    from lambdas.aws.domain.deployment import Deployment
    from lambdas.decisions.domain.decision import Decision
    from lambdas.decisions.exemption_filter import ExemptionFilter
    from lambdas.detection.domain.signal import Signal
    from lambdas.detection.domain.signal_group import SignalGroup
    from lambdas.diagnosis.domain.diagnosis import Diagnosis
    from lambdas.diagnosis.evidence_gatherer import EvidenceGatherer
    from lambdas.incidents.domain.incident import Incident, Reactivation
    from lambdas.incidents.domain.update_policy import UpdatePolicy
    from lambdas.incidents.ports import Incidents
    from lambdas.remediation.executor import DecisionExecutor
    from lambdas.rotation.domain.modes import Mode


@dataclass(frozen=True, kw_only=True)
class Remediator:
    home: Deployment
    deployment_mode: Mode
    sources: EvidenceGatherer
    incidents: Incidents
    notifier: Delivery
    acting: DecisionExecutor
    exempting: ExemptionFilter
    pace: UpdatePolicy
    clock: Callable[[], datetime]
    tell_failure: Callable[[Exception], None]
    trusts_all_actors: bool = False

    def remediate(self, sightings: SignalGroup) -> Finding | None:
        """What was found, or None where nothing was judged: a repeat is only counted."""
        finding = None if sightings.is_state_change_only else self._see(sightings)
        return (self._attend(sightings.state_change) if sightings.state_change else None) or finding

    def judge(self, incident: Incident, signal: Signal) -> Finding:
        """`incident` must be claimed."""
        finding = self._find(incident, signal)
        self.telling.report_finding(finding)
        return finding

    @property
    def telling(self) -> IncidentReporter:
        return IncidentReporter(
            account=self.home.account,
            incidents=self.incidents,
            notifier=self.notifier,
            pace=self.pace,
            clock=self.clock,
        )

    def _see(self, sightings: SignalGroup) -> Finding | None:
        noted = self.incidents.note(sightings)
        if noted.signal:
            return self.judge(noted.incident, noted.signal)
        if _has_room(noted.incident) and news_to_tell(noted.incident, self.pace, self.clock()).kinds:
            claimed = self.incidents.claim(noted.incident.ref)
            return self._tell_news_or_leave_it(claimed) if claimed else None
        return None

    def _tell_news_or_leave_it(self, claimed: Incident) -> Finding | None:
        """To the timer, which the claim has set: the calls are counted, and must not be once more with their
        messages.
        """
        try:
            return self.report_update(claimed)
        except Exception as error:  # noqa: BLE001 -- reported; the timer tries again
            self.tell_failure(error)
            return None

    def report_update(self, incident: Incident) -> Finding | None:
        """News and digests rest on the evidence of the moment: an incident that is told of otherwise by now,
        or that nobody is to be told of any more, is judged again instead. They wait while the outbox is full:
        told at once later, they replace no message that waits there. `incident` must be claimed.
        """
        if not _has_room(incident):
            self.telling.record_silently(incident)
            return None
        told, signal = incident.attention is TriageState.ALERTED, incident.signal
        if told and signal and self._is_judged_otherwise(incident, signal):
            return self.judge(incident, signal)
        self.telling.report_update(incident)
        return None

    def _is_judged_otherwise(self, incident: Incident, signal: Signal) -> bool:
        _, diagnosis, decision = self.decide(incident, signal)
        return decision.action is Action.SUPPRESS or diagnosis.cause is not incident.alerted

    def _attend(self, signal: Signal) -> Finding | None:
        """A change of its key is told with the incident that is open, if people know of that."""
        incident = self.incidents.attend(signal.state_change) if signal.state_change else None
        if incident is None:
            return None
        is_on_again = signal.state_change is not None and signal.state_change.event_name == UPDATE_KEY
        if is_on_again and incident.reactivated and incident.attention is not TriageState.PENDING:
            self.report_reactivation(incident, incident.reactivated)
            return None
        return self.judge(incident, incident.signal) if incident.signal else None

    def report_reactivation(self, incident: Incident, on: Reactivation) -> None:
        """`incident` must be claimed."""
        kept_back = incident.signal is not None and self.keeps_back(incident, *self.examine(incident.signal))
        self.telling.report_reactivation(incident, on, people=not kept_back)

    def keeps_back(self, incident: Incident, case: Case, diagnosis: Diagnosis) -> bool:
        """Whether what follows of an incident that people were told of is exempt, by what they were told: its
        key may be good by now. A leaked key never is.
        """
        told = incident.alerted or diagnosis.cause
        leaked = Cause.QUARANTINED_KEY in {told, diagnosis.cause} or bool(case.evidence.quarantine_policy)
        if leaked or diagnosis.exposes_secret:
            return False
        return bool(self.exempting.describe_matching(case, told, incident.callers))

    def _find(self, incident: Incident, signal: Signal) -> Finding:
        case, diagnosis, decision = self.decide(incident, signal)
        return Finding(
            incident=incident,
            case=case,
            diagnosis=diagnosis,
            decision=self.acting.act(incident, case, diagnosis, decision),
            deployment_mode=self.deployment_mode,
        )

    def decide(self, incident: Incident, signal: Signal) -> tuple[Case, Diagnosis, Decision]:
        """By the evidence and the exemptions of the moment; nothing is done yet."""
        case, diagnosis = self.examine(signal)
        decision = decide(
            case,
            diagnosis,
            exempt=self.exempting.describe_matching(case, diagnosis.cause, incident.callers),
            trusts_all_actors=self.trusts_all_actors,
        )
        return case, diagnosis, decision

    def examine(self, signal: Signal) -> tuple[Case, Diagnosis]:
        case = Case(signal=signal, evidence=self.sources.gather(signal), deployment=self.home)
        return case, diagnose(case)


def _has_room(incident: Incident) -> bool:
    """For news in the outbox of whom it is for: of a suppressed incident only machines are told."""
    is_told = incident.attention is TriageState.ALERTED
    return not incident.outbox.is_full(Channel.ALERTS if is_told else Channel.EVENTS)
