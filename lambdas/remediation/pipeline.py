"""The pipeline: signals become incidents; one that is to be evaluated is diagnosed, decided and reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lambdas.alerting.delivery import Delivery
from lambdas.alerting.domain.pointers import whom_to_ask
from lambdas.alerting.domain.update_alert import Help
from lambdas.aws.domain.deployment import Deployment
from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam_events import UPDATE_KEY
from lambdas.decisions.domain.decision import Decision, decide
from lambdas.decisions.domain.guardrails import Action
from lambdas.decisions.exemption_filter import ExemptionFilter
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import SignalGroup
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes import diagnose
from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis
from lambdas.diagnosis.domain.unread import describe_unread
from lambdas.diagnosis.evidence_gatherer import EvidenceGatherer
from lambdas.errors import TransientError
from lambdas.incidents.domain.finding import Finding
from lambdas.incidents.domain.incident import Incident, Reactivation, SharedAlert, TriageState
from lambdas.incidents.domain.outbox import Channel
from lambdas.incidents.domain.resolution import describe_status
from lambdas.incidents.domain.update_policy import UpdatePolicy, due_update
from lambdas.incidents.ports import Incidents, OwnerAlertCounts, UnknownIdCounts
from lambdas.remediation.executor import DecisionExecutor
from lambdas.remediation.incident_reporter import IncidentReporter
from lambdas.rotation.domain.modes import Mode

_ABOUT_CREDENTIALS = frozenset({ErrorClass.KEY_REJECTED, ErrorClass.RELATED_CREDENTIAL_ERROR})


class Evaluation(NamedTuple):
    """Of an incident, by the evidence and exemptions of a moment."""

    case: Case
    diagnosis: Diagnosis
    decision: Decision


@dataclass(kw_only=True, eq=False, repr=False)
class Remediator:
    deployment: Deployment
    deployment_mode: Mode
    gatherer: EvidenceGatherer
    incidents: Incidents
    delivery: Delivery
    executor: DecisionExecutor
    exemption_filter: ExemptionFilter
    unknown_ids: UnknownIdCounts
    owner_alerts: OwnerAlertCounts
    update_policy: UpdatePolicy
    clock: Callable[[], datetime]
    report_failure: Callable[[Exception], None]
    trusts_all_actors: bool = False

    def remediate(self, group: SignalGroup, *, may_wait: bool = True) -> Finding | None:
        """None if nothing was evaluated: a repeat is only counted. `may_wait`: the messages are delivered
        again if something cannot be read.
        """
        finding = None if group.is_state_change_only else self._record(group, may_wait=may_wait)
        change = group.state_change
        return (self._process_key_change(change, may_wait=may_wait) if change else None) or finding

    def evaluate(self, incident: Incident, signal: Signal, *, may_wait: bool = True) -> Finding:
        """Diagnoses, decides, acts and reports. `incident` must be claimed."""
        return self.apply(incident, self.decide(incident, signal, may_wait=may_wait))

    def decide(self, incident: Incident, signal: Signal, *, may_wait: bool) -> Evaluation:
        """Changes nothing. Raises TransientError if evidence that could change the cause cannot be read, and
        it is waited for: by who may, and by all who would say less without it.
        """
        may_wait = may_wait or _needs_all_evidence(incident, signal)
        return self._decide(incident, signal, may_wait=may_wait)

    def apply(self, incident: Incident, evaluation: Evaluation) -> Finding:
        case, diagnosis, decision = evaluation
        finding = Finding(
            incident=incident,
            case=case,
            diagnosis=diagnosis,
            decision=self.executor.execute(incident, case, diagnosis, decision),
            deployment_mode=self.deployment_mode,
            at=self.clock(),
        )
        self.reporter.report_finding(finding)
        return finding

    @property
    def reporter(self) -> IncidentReporter:
        return IncidentReporter(
            deployment=self.deployment,
            incidents=self.incidents,
            delivery=self.delivery,
            unknown_ids=self.unknown_ids,
            owner_alerts=self.owner_alerts,
            update_policy=self.update_policy,
            clock=self.clock,
        )

    def report_update(self, incident: Incident, *, may_wait: bool = False) -> Finding | None:
        """Reports what is new, or a digest, if current evidence still supports the last alert, or is too
        little to replace it. Otherwise, or if the incident is to be suppressed now, it is evaluated again.
        `incident` must be claimed.

        An update waits while the outbox is full: it would replace the last message there.
        """
        if not _has_room_for_an_update(incident):
            self.reporter.release(incident)
            return None
        signal = incident.signal
        if signal is None or incident.triage is not TriageState.ALERTED:
            self.reporter.report_update(incident)
            return None
        evaluation = self._decide(incident, signal, may_wait=may_wait)
        if _has_changed(incident, evaluation):
            return self.apply(incident, evaluation)
        self.reporter.report_update(incident, self._help_now(incident, evaluation))
        self._report_unread(evaluation.case)
        return None

    def _help_now(self, incident: Incident, evaluation: Evaluation) -> Help:
        """Without commands if the evidence was too little to find the alerted cause again."""
        case, diagnosis, decision = evaluation
        notes = describe_unread(case.evidence.unread)
        if not _has_alerted_cause(incident, diagnosis):
            return Help(notes=notes)
        ask = whom_to_ask(case, diagnosis.cause, self.clock())
        return Help(ask=ask, remedies=decision.remedies_with(diagnosis), notes=notes)

    def report_reactivation(self, incident: Incident, reactivation: Reactivation) -> None:
        """With what IAM says of the key now. `incident` must be claimed."""
        if incident.signal is None:
            self.reporter.report_reactivation(incident, reactivation, alert=True)
            return
        case, diagnosis = self.examine(incident, incident.signal)
        self.reporter.report_reactivation(
            incident,
            reactivation,
            alert=not self.is_exempt(incident, case, diagnosis),
            status=describe_status(case.evidence),
        )
        self._report_unread(case)

    def report_held_changes(self, incident: Incident) -> None:
        """`incident` must be claimed."""
        self.reporter.report_held_changes(incident, alert=not self._is_exempt_now(incident))

    def report_held_keys(self, incident: Incident, shared: SharedAlert) -> None:
        """`incident` must be claimed."""
        self.reporter.report_held_keys(incident, shared, alert=not self._is_exempt_now(incident))

    def is_exempt(self, incident: Incident, case: Case, diagnosis: Diagnosis) -> bool:
        """Whether an exemption covers what the last alert said; the key may be good now. A leaked key is
        never exempt.
        """
        cause = incident.alerted.cause if incident.alerted else diagnosis.cause
        is_quarantined = Cause.QUARANTINED_KEY in {cause, diagnosis.cause}
        if is_quarantined or case.evidence.has_leaked or diagnosis.exposes_secret:
            return False
        return bool(self.exemption_filter.describe_matching(case, cause, incident.callers))

    def _is_exempt_now(self, incident: Incident) -> bool:
        signal = incident.signal
        return signal is not None and self.is_exempt(incident, *self.examine(incident, signal))

    def _report_unread(self, case: Case) -> None:
        """What AWS only throttles is no failure."""
        for one in case.evidence.unread:
            if one.is_decisive and one.is_fault:
                self.report_failure(TransientError(one.error))

    def examine(
        self, incident: Incident, signal: Signal, *, may_wait: bool = False
    ) -> tuple[Case, Diagnosis]:
        case = Case(
            signal=signal,
            evidence=self.gatherer.gather(signal, may_wait=may_wait),
            deployment=self.deployment,
            found_inactive_at=incident.found_inactive_at,
        )
        return case, diagnose(case)

    def _record(self, group: SignalGroup, *, may_wait: bool) -> Finding | None:
        recorded = self.incidents.record(group)
        incident = recorded.incident
        if recorded.signal:
            return self._evaluate_or_keep(incident, recorded.signal, may_wait=may_wait)
        is_due = due_update(incident, self.update_policy, self.clock()).kinds
        claimed = self.incidents.claim(incident.ref) if is_due and _has_room_for_an_update(incident) else None
        return self._report_update_or_leave_it(claimed) if claimed else None

    def _evaluate_or_keep(self, incident: Incident, signal: Signal, *, may_wait: bool) -> Finding | None:
        """Nobody waits any more to replace what was alerted: the timer goes on with that."""
        try:
            evaluation = self.decide(incident, signal, may_wait=may_wait)
        except TransientError as error:
            if may_wait or not _keeps_its_alert(incident, signal):
                raise
            self.report_failure(error)
            return None
        return self.apply(incident, evaluation)

    def _report_update_or_leave_it(self, claimed: Incident) -> Finding | None:
        """Leaves a failure to the timer, which the claim has set: the calls are counted, and a retry of their
        messages would count them again.
        """
        try:
            return self.report_update(claimed, may_wait=True)
        except Exception as error:  # noqa: BLE001 -- reported; the timer tries again
            self.report_failure(error)
            return None

    def _process_key_change(self, signal: Signal, *, may_wait: bool) -> Finding | None:
        """Reports a change of the key with its open incident, if that has been alerted."""
        change = signal.state_change
        incident = self.incidents.claim_for_key_change(change) if change else None
        if change is None or incident is None:
            return None
        is_alerted, reactivation = incident.triage is not TriageState.PENDING, incident.reactivation
        if is_alerted and reactivation and change.event_name == UPDATE_KEY:
            self.report_reactivation(incident, reactivation)
            return None
        if incident.signal is None:
            return None
        return self._evaluate_or_keep(incident, incident.signal, may_wait=may_wait)

    def _decide(self, incident: Incident, signal: Signal, *, may_wait: bool) -> Evaluation:
        """By current evidence and exemptions; changes nothing."""
        case, diagnosis = self.examine(incident, signal, may_wait=may_wait)
        decision = decide(
            case,
            diagnosis,
            exempt=self.exemption_filter.describe_matching(case, diagnosis.cause, incident.callers),
            trusts_all_actors=self.trusts_all_actors,
        )
        return Evaluation(case, diagnosis, decision)


def _needs_all_evidence(incident: Incident, signal: Signal) -> bool:
    """Healthy callers get the messages that are not about credentials by themselves."""
    is_ambiguous = signal.is_failed_call and signal.error_class not in _ABOUT_CREDENTIALS
    return is_ambiguous or _keeps_its_alert(incident, signal)


def _keeps_its_alert(incident: Incident, signal: Signal) -> bool:
    """Whether nothing happened since the last alert that incomplete evidence could replace it for. Of an
    unknown key whatever is found says more.
    """
    alerted = incident.alerted
    return alerted is not None and alerted.cause is not Cause.UNKNOWN_KEY and signal == incident.signal


def _has_changed(incident: Incident, evaluation: Evaluation) -> bool:
    """Whether the cause is another than the last alert said, or the incident is to be suppressed. With
    incomplete evidence, only an exemption of the same cause is a change.
    """
    is_as_alerted = _has_alerted_cause(incident, evaluation.diagnosis)
    is_suppressed = evaluation.decision.action is Action.SUPPRESS
    if evaluation.case.evidence.lacks_decisive:
        return is_as_alerted and is_suppressed
    return is_suppressed or not is_as_alerted


def _has_alerted_cause(incident: Incident, diagnosis: Diagnosis) -> bool:
    return incident.alerted is not None and incident.alerted.cause is diagnosis.cause


def _has_room_for_an_update(incident: Incident) -> bool:
    """In the outbox of the channel that it is for: only events report a suppressed incident."""
    is_alerted = incident.triage is TriageState.ALERTED
    return not incident.outbox.is_full(Channel.ALERTS if is_alerted else Channel.EVENTS)
