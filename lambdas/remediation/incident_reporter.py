"""IncidentReporter: what is told of an incident, to people and machines, and how the incident stands
afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.alerting.domain.alert import compose_alert
from lambdas.alerting.domain.incident_event import incident_event_detail
from lambdas.alerting.domain.update_alert import (
    compose_closing,
    compose_digest,
    compose_reactivation,
    compose_update,
)
from lambdas.decisions.domain.guardrails import Action
from lambdas.incidents.domain.incident import TriageState
from lambdas.incidents.domain.settlement import IncidentUpdate
from lambdas.incidents.domain.transition import Transition
from lambdas.incidents.domain.update_policy import all_told, digest_is_due, news_to_tell, news_told, next_look

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from lambdas.alerting.delivery import Delivery
    from lambdas.alerting.domain.alert import Alert
    from lambdas.incidents.domain.finding import Finding
    from lambdas.incidents.domain.incident import Incident, Reactivation
    from lambdas.incidents.domain.update_policy import PendingUpdate, UpdatePolicy
    from lambdas.incidents.ports import Incidents


@dataclass(frozen=True, kw_only=True)
class IncidentReporter:
    """Every incident that is told of must be claimed; each method gives up the claim."""

    account: str
    incidents: Incidents
    notifier: Delivery
    pace: UpdatePolicy
    clock: Callable[[], datetime]

    def report_finding(self, finding: Finding) -> None:
        now, alert = self.clock(), compose_alert(finding) if finding.alert_is_due else None
        judged = _judged(finding, now, self.pace)
        transitions = [finding.transition] if finding.transition else []
        if alert:
            action = finding.decision.action
            judged = replace(
                judged,
                alerted=finding.diagnosis.cause,
                alerted_action=action,
                alerted_standing=finding.standing,
            )
        if alert or judged.alerted is None:
            judged = replace(judged, told=all_told(judged))
        is_silent = finding.decision.action is Action.SUPPRESS or judged.alerted is None
        attention = TriageState.SUPPRESSED if is_silent else TriageState.ALERTED
        self._tell(replace(judged, attention=attention), transitions, alert, finding)

    def report_update(self, incident: Incident) -> None:
        """News, else a digest; nothing, if another worker has told it meanwhile. Of an incident that is
        suppressed only machines are told.
        """
        now = self.clock()
        news = news_to_tell(incident, self.pace, now)
        alert = self._what_is_new(incident, news, now)
        self._tell(replace(incident, told=news_told(incident, news, now)), news.kinds, alert)

    def _what_is_new(self, incident: Incident, news: PendingUpdate, now: datetime) -> Alert | None:
        standing = incident.alerted_standing
        if incident.attention is not TriageState.ALERTED or standing is None:
            return None
        if news.kinds:
            return compose_update(incident, standing, self.account, news)
        is_due = digest_is_due(incident, self.pace, now)
        return compose_digest(incident, standing, self.account) if is_due else None

    def report_reactivation(self, incident: Incident, on: Reactivation, *, people: bool) -> None:
        """Nobody, where people know of no incident; without `people` machines alone."""
        standing, told = incident.alerted_standing, replace(incident.told, reactivated_at=on.at)
        alert = compose_reactivation(incident, standing, self.account, on) if people and standing else None
        self._tell(replace(incident, told=told), [Transition.KEY_REACTIVATED] if standing else [], alert)

    def report_closing(self, incident: Incident, *, mended: Sequence[str] | None = None) -> None:
        """`mended` are lines on what ended it, for people; None tells machines alone."""
        alert = None
        if mended is not None and incident.alerted_standing:
            alert = compose_closing(incident, incident.alerted_standing, self.account, mended)
        transitions = [Transition.CLOSED] if incident.standing else []
        self._tell(replace(incident, closed=True, ended=True), transitions, alert)

    def record_silently(self, incident: Incident) -> None:
        self._settle(incident)

    def _tell(
        self,
        incident: Incident,
        transitions: Sequence[str],
        alert: Alert | None,
        finding: Finding | None = None,
    ) -> None:
        if alert:
            told = replace(incident.told, alert_at=self.clock(), alert_count=incident.count)
            incident = replace(incident, told=told)
        events = tuple(self._event(incident, transition) for transition in transitions)
        self.incidents.check(self._settlement(incident, finding))  # what cannot be recorded would be repeated
        self._settle(self.notifier.send(incident, events=events, alert=alert), finding)

    def _event(self, incident: Incident, transition: str) -> Mapping[str, object]:
        if incident.standing is None:
            raise ValueError("an incident that was never judged has nothing to tell")
        return incident_event_detail(incident, incident.standing, self.account, transition)

    def _settle(self, incident: Incident, finding: Finding | None = None) -> None:
        self.incidents.settle(self._settlement(incident, finding))

    def _settlement(self, incident: Incident, finding: Finding | None) -> IncidentUpdate:
        due_at = next_look(incident, self.pace, self.clock())
        return IncidentUpdate(incident=incident, finding=finding, due_at=due_at)


def _judged(finding: Finding, now: datetime, pace: UpdatePolicy) -> Incident:
    incident, foreseen = finding.incident, finding.case.signal.predicted_outage is not None
    open_until = incident.open_until
    if foreseen:
        open_until = now + max(pace.quiet, pace.foresight)
    elif incident.foreseen:
        open_until = now + pace.quiet
    return replace(
        incident,
        announced=finding.diagnosis.cause,
        announced_action=finding.decision.action,
        standing=finding.standing,
        signal=finding.case.signal,
        foreseen=foreseen,
        open_until=open_until,
        judged_at=now,
        judged_count=incident.count,
        judged_callers=len(incident.callers),
        recheck_at=now + pace.recheck if finding.wants_recheck else None,
    )
