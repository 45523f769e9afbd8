"""Reports incidents by alerts and events, and saves what was reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.alerting.delivery import Delivery
from lambdas.alerting.domain.alert import Alert, compose_alert
from lambdas.alerting.domain.closing_command import close_incident
from lambdas.alerting.domain.incident_event import incident_event_detail
from lambdas.alerting.domain.update_alert import (
    NO_HELP,
    Help,
    compose_closing,
    compose_digest,
    compose_held_changes,
    compose_held_keys,
    compose_reactivation,
    compose_update,
)
from lambdas.aws.domain.deployment import Deployment
from lambdas.incidents.domain.finding import Finding, IncidentUpdate
from lambdas.incidents.domain.incident import Incident, Reactivation, SharedAlert, Transition, TriageState
from lambdas.incidents.domain.key_changes import change_held, change_reported, may_report_change
from lambdas.incidents.domain.owner_alerts import Place, group_of, held_keys_reported, placed
from lambdas.incidents.domain.reevaluation import objection_of
from lambdas.incidents.domain.update_policy import (
    PendingUpdate,
    UpdatePolicy,
    all_reported,
    digest_is_due,
    due_update,
    next_follow_up,
    update_postponed,
    update_reported,
)
from lambdas.incidents.ports import Incidents, OwnerAlertCounts, UnknownIdCounts

# Within the window of the alarm on failures, so that a permission that stays missing rings it.
RECHECKED_SOON = timedelta(minutes=2)


@dataclass(kw_only=True, eq=False, repr=False)
class IncidentReporter:
    """Every incident must be claimed; each method releases the claim."""

    deployment: Deployment
    incidents: Incidents
    delivery: Delivery
    unknown_ids: UnknownIdCounts
    owner_alerts: OwnerAlertCounts
    update_policy: UpdatePolicy
    clock: Callable[[], datetime]

    def report_finding(self, finding: Finding) -> None:
        incident = _evaluated(finding, self.update_policy)
        place, incident = self._placed(finding, incident)
        is_due = finding.alert_is_due and place is not Place.NONE
        alert = compose_alert(finding, is_shared=place is Place.SHARED) if is_due else None
        if alert and finding.may_be_held:
            incident, alert = self._unless_held(incident, alert)
        if alert:
            incident = replace(incident, alerted=finding.assessment)
            incident = _with_reason(incident, finding)
        if alert or incident.alerted is None:
            incident = replace(incident, reported=all_reported(incident))
        transitions = [finding.transition] if finding.transition else []
        self._report(incident, transitions, alert, finding)

    def report_update(self, incident: Incident, help_now: Help = NO_HELP) -> None:
        """What is new, else a digest; nothing, if another worker has reported it. Only events report a
        suppressed incident. An update about unknown ids waits if there were many alerts about such.
        """
        if incident.exposes_secret:
            help_now = Help(remedies=close_incident(incident.ref, self.deployment), notes=help_now.notes)
        now = self.clock()
        update = due_update(incident, self.update_policy, now)
        alert = self._update_alert(incident, update, help_now)
        if alert and incident.is_of_unknown_id and not self.unknown_ids.count_update(incident.key):
            self.release(replace(incident, reported=update_postponed(incident, update, now)))
            return
        reported = replace(incident, reported=update_reported(incident, update, now))
        self._report(reported, update.kinds, alert)

    def report_reactivation(
        self, incident: Incident, reactivation: Reactivation, *, alert: bool, status: str = ""
    ) -> None:
        """Nothing, if there was no alert of the incident; without `alert`, only the event. `status` is a
        sentence on what IAM says of the key now.
        """
        alerted, composed = incident.alerted, None
        if alert and alerted:
            composed = compose_reactivation(incident, alerted, self.deployment, reactivation, status)
        reported = replace(incident.reported, reactivated_at=reactivation.at)
        incident, sent = self._unless_held(replace(incident, reported=reported), composed)
        is_held = sent is None and composed is not None
        transitions = [Transition.KEY_REACTIVATED] if alerted and not is_held else []
        self._report(incident, transitions, sent)

    def report_held_changes(self, incident: Incident, *, alert: bool) -> None:
        """One alert for all changes since the last one."""
        alerted = incident.alerted
        composed = compose_held_changes(incident, alerted, self.deployment) if alert and alerted else None
        reported = change_reported(incident.reported, self.clock())
        self._report(replace(incident, reported=reported), [], composed)

    def report_held_keys(self, incident: Incident, shared: SharedAlert, *, alert: bool) -> None:
        """One alert for all keys of the owner that have none."""
        alerted, held = incident.alerted, self.owner_alerts.held(shared.group)
        composed = None
        if alert and alerted and held.count:
            composed = compose_held_keys(incident, alerted, self.deployment, held)
        reported = held_keys_reported(incident.reported, held, self.clock())
        self._report(replace(incident, reported=reported), [], composed)
        if held.count:
            self.owner_alerts.mark_reported(shared.group, held)

    def report_closing(self, incident: Incident, *, explanation: Sequence[str] | None = None) -> None:
        """`explanation` are lines for people on what resolved it; with None, only the event is sent."""
        alert = None
        if explanation is not None and incident.alerted:
            alert = compose_closing(incident, incident.alerted, self.deployment, explanation)
        transitions = [Transition.CLOSED] if incident.latest else []
        self._report(replace(incident, closed=True, closing_reported=True), transitions, alert)

    def _placed(self, finding: Finding, incident: Incident) -> tuple[Place, Incident]:
        """Counts the alert, if the owner can cause such alerts without end."""
        group = group_of(finding) if finding.alert_is_due else None
        if group is None:
            return Place.OWN, replace(incident, reported=replace(incident.reported, is_held=False))
        place = self.owner_alerts.place(group, finding.incident)
        return place, replace(incident, reported=placed(incident.reported, place, group, self.clock()))

    def _unless_held(self, incident: Incident, alert: Alert | None) -> tuple[Incident, Alert | None]:
        """Counts the alert, or the change if it gets no alert now."""
        if alert is None:
            return incident, None
        now = self.clock()
        if may_report_change(incident.reported, now):
            return replace(incident, reported=change_reported(incident.reported, now)), alert
        return replace(incident, reported=change_held(incident.reported)), None

    def release(self, incident: Incident) -> None:
        """Saves the incident and reports nothing."""
        self.incidents.save_and_release(self._saved(incident, None))

    def _update_alert(self, incident: Incident, update: PendingUpdate, help_now: Help) -> Alert | None:
        alerted = incident.alerted
        if incident.triage is not TriageState.ALERTED or alerted is None:
            return None
        if update.kinds:
            return compose_update(incident, alerted, self.deployment, update, help_now)
        is_due = digest_is_due(incident, self.update_policy, self.clock())
        return compose_digest(incident, alerted, self.deployment, help_now) if is_due else None

    def _report(
        self,
        incident: Incident,
        transitions: Sequence[str],
        alert: Alert | None,
        finding: Finding | None = None,
    ) -> None:
        if alert:
            reported = replace(incident.reported, alert_at=self.clock(), alert_count=incident.count)
            incident = replace(incident, reported=reported)
        events = tuple(self._event(incident, transition) for transition in transitions)
        self.incidents.check(self._saved(incident, finding))  # what cannot be saved would be sent again
        sent = self.delivery.send(incident, events=events, alert=alert)
        self.incidents.save_and_release(self._saved(sent, finding))

    def _event(self, incident: Incident, transition: str) -> Mapping[str, object]:
        if incident.latest is None:
            raise ValueError("an incident that was never evaluated has no event")
        return incident_event_detail(incident, incident.latest, self.deployment.account, transition)

    def _saved(self, incident: Incident, finding: Finding | None) -> IncidentUpdate:
        due_at = next_follow_up(incident, self.update_policy, self.clock())
        return IncidentUpdate(incident=incident, finding=finding, due_at=due_at)


def _with_reason(incident: Incident, finding: Finding) -> Incident:
    """After a change of the cause, the reasons given before no longer count."""
    reported = incident.reported
    known = frozenset() if finding.changes_the_cause else reported.objections
    objections = known | {objection_of(finding.case.signal)}
    return replace(incident, reported=replace(reported, objections=objections))


def _evaluated(finding: Finding, policy: UpdatePolicy) -> Incident:
    incident, now = finding.incident, finding.at
    recheck = min(policy.recheck, RECHECKED_SOON) if finding.recheck_is_soon else policy.recheck
    evaluated = replace(
        incident,
        latest=finding.assessment,
        signal=finding.case.signal,
        recheck_at=now + recheck if finding.wants_recheck else None,
    )
    if evaluated.awaits_first_failure:
        return replace(evaluated, open_until=now + max(policy.quiet, policy.prediction_window))
    return replace(evaluated, open_until=now + policy.quiet) if incident.awaits_first_failure else evaluated
