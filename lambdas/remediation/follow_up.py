"""What the timer does for a due incident: the one most urgent thing in each run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import LastUse, Resolved
from lambdas.detection.domain.signal import Signal
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.unread import describe_unread
from lambdas.errors import TransientError
from lambdas.incidents.domain.finding import Finding
from lambdas.incidents.domain.incident import Incident, IncidentRef, TriageState
from lambdas.incidents.domain.key_changes import held_changes_due_at
from lambdas.incidents.domain.owner_alerts import held_keys_are_due
from lambdas.incidents.domain.reevaluation import failed_since_it_was_suppressed, is_retry_due
from lambdas.incidents.domain.resolution import (
    closed_by,
    consumer_is_healthy,
    explain_resolution,
    new_key_in_use,
)
from lambdas.incidents.domain.update_policy import awaits_a_new_key, digest_is_due, due_update
from lambdas.remediation.pipeline import Remediator

# How long a first alert, or a second look, waits for evidence that cannot be read: about as long as a message
# is retried.
HELD_BACK = timedelta(minutes=5)


@dataclass(kw_only=True, eq=False, repr=False)
class FollowUp:
    remediator: Remediator
    report_failure: Callable[[Exception], None]  # of a part; the incident is processed further

    def process(self, ref: IncidentRef) -> Finding | None:
        """Returns the finding if the incident was evaluated."""
        incidents = self.remediator.incidents
        incident = incidents.claim_due(ref)
        if incident is None:
            return None
        return self._continue(self.remediator.delivery.send_pending(incident, incidents))

    def _continue(self, incident: Incident) -> Finding | None:
        now = self.remediator.clock()
        if signal := _signal_due_for_evaluation(incident, now):
            return self._evaluate(incident, signal, may_wait=now < _waits_until(incident))
        return self._report_what_is_due(incident, now)

    def _evaluate(self, incident: Incident, signal: Signal, *, may_wait: bool) -> Finding | None:
        """A source that stays unreadable ends neither the updates of an incident nor its closing."""
        second = replace(incident, rechecked=incident.rechecked or incident.recheck_at is not None)
        try:
            evaluation = self.remediator.decide(second, signal, may_wait=may_wait)
        except TransientError as error:
            if incident.triage is TriageState.PENDING:
                raise
            self.report_failure(error)
            kept = incident if may_wait else second
            return self._report_what_is_due(kept, self.remediator.clock())
        return self.remediator.apply(second, evaluation)

    def _report_what_is_due(self, incident: Incident, now: datetime) -> Finding | None:
        if (shared := incident.reported.shared) and held_keys_are_due(incident, now):
            self.remediator.report_held_keys(incident, shared)
        elif self._is_over(incident, now):
            self._report_closing(incident, closed_by(incident))
        elif (use := self._use_of_the_new_key(incident)) and self._close(incident, resolved=True):
            self._report_closing(incident, (new_key_in_use(use),))
        elif incident.reactivation and incident.reported.reactivated_at != incident.reactivation.at:
            self.remediator.report_reactivation(incident, incident.reactivation)
        elif (due_at := held_changes_due_at(incident.reported)) and due_at <= now:
            self.remediator.report_held_changes(incident)
        elif self._is_update_due(incident, now):
            return self.remediator.report_update(incident)
        else:
            self.remediator.reporter.release(incident)
        return None

    def _is_update_due(self, incident: Incident, now: datetime) -> bool:
        policy = self.remediator.update_policy
        return bool(due_update(incident, policy, now).kinds) or digest_is_due(incident, policy, now)

    def _is_over(self, incident: Incident, now: datetime) -> bool:
        if incident.closed:
            return not incident.closing_reported
        if incident.closed_by:
            return self._close(incident, resolved=True)
        is_quiet = incident.open_until is not None and incident.open_until <= now
        return is_quiet and not incident.exposes_secret and self._close(incident)

    def _close(self, incident: Incident, *, resolved: bool = False) -> bool:
        return self.remediator.incidents.close(incident, resolved=resolved)

    def _report_closing(self, incident: Incident, seen: Sequence[str] = ()) -> None:
        """An alert says what resolved it, by current evidence, if there was an alert before and the incident
        is not exempt now.
        """
        reporter, signal = self.remediator.reporter, incident.signal
        if incident.alerted is None:
            reporter.report_closing(incident)
        elif signal is None:
            reporter.report_closing(incident, explanation=seen or explain_resolution(incident, Evidence()))
        else:
            case, diagnosis = self.remediator.examine(incident, signal)
            is_exempt = self.remediator.is_exempt(incident, case, diagnosis)
            resolved_by = seen or explain_resolution(incident, case.evidence)
            explanation = (*resolved_by, *describe_unread(case.evidence.unread))
            reporter.report_closing(incident, explanation=None if is_exempt else explanation)

    def _use_of_the_new_key(self, incident: Incident) -> LastUse | None:
        """By an application that reads the rotated secret, if no call has failed since."""
        end = incident.rotation
        if incident.closed or end is None or not (end.new_key and awaits_a_new_key(incident)):
            return None
        try:
            answer = self.remediator.gatherer.iam.look_up(end.new_key)
        except TransientError as error:
            self.report_failure(error)
            return None
        use = answer.last_use if isinstance(answer, Resolved) else None
        return use if consumer_is_healthy(incident, use) else None


def _waits_until(incident: Incident) -> datetime:
    second_look = incident.recheck_at if incident.alerted else None
    return (second_look or incident.opened) + HELD_BACK


def _signal_due_for_evaluation(incident: Incident, now: datetime) -> Signal | None:
    if incident.triage is TriageState.PENDING:
        return incident.signal
    if incident.closed:
        return None
    recheck = incident.recheck_at is not None and not incident.rechecked and incident.recheck_at <= now
    is_due = recheck or is_retry_due(incident, now) or failed_since_it_was_suppressed(incident, now)
    return incident.signal if is_due else None
