"""FollowUp: what the timer does for an incident whose time has come, one thing at a visit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import Resolved
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.incidents.domain.incident import TriageState
from lambdas.incidents.domain.reevaluation import failed_since_it_was_suppressed
from lambdas.incidents.domain.resolution import consumer_is_healthy, explain_resolution, new_key_in_use
from lambdas.incidents.domain.update_policy import awaits_a_new_key, digest_is_due, news_to_tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lambdas.aws.domain.iam import LastUse
    from lambdas.detection.domain.signal import Signal
    from lambdas.incidents.domain.finding import Finding
    from lambdas.incidents.domain.incident import Incident, IncidentRef
    from lambdas.remediation.pipeline import Remediator


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    remediator: Remediator

    def process(self, ref: IncidentRef) -> Finding | None:
        """What was found, if it was judged."""
        incidents = self.remediator.incidents
        incident = incidents.claim_due(ref)
        if incident is None:
            return None
        return self._go_on(self.remediator.notifier.send_pending(incident, incidents))

    def _go_on(self, incident: Incident) -> Finding | None:
        now, telling = self.remediator.clock(), self.remediator.telling
        if signal := _due_for_judgement(incident, now):
            rechecked = incident.rechecked or incident.recheck_at is not None
            return self.remediator.judge(replace(incident, rechecked=rechecked), signal)
        if self._is_over(incident, now):
            self._end(incident)
        elif (use := self._use_of_the_new_key(incident)) and self._close(incident, mended=True):
            self._end(incident, (new_key_in_use(use),))
        elif incident.reactivated and incident.told.reactivated_at != incident.reactivated.at:
            self.remediator.report_reactivation(incident, incident.reactivated)
        elif self._has_news(incident, now):
            return self.remediator.report_update(incident)
        else:
            telling.record_silently(incident)
        return None

    def _has_news(self, incident: Incident, now: datetime) -> bool:
        pace = self.remediator.pace
        return bool(news_to_tell(incident, pace, now).kinds) or digest_is_due(incident, pace, now)

    def _is_over(self, incident: Incident, now: datetime) -> bool:
        if incident.closed:
            return not incident.ended
        is_quiet = incident.open_until is not None and incident.open_until <= now
        return is_quiet and self._close(incident)

    def _close(self, incident: Incident, *, mended: bool = False) -> bool:
        return self.remediator.incidents.close(incident, mended=mended)

    def _end(self, incident: Incident, seen: Sequence[str] = ()) -> None:
        """Evidence is gathered afresh, but only where people know of the incident: they are told what mended
        it, unless it is exempt by now.
        """
        telling, signal = self.remediator.telling, incident.signal
        if incident.alerted is None:
            telling.report_closing(incident)
        elif signal is None:
            telling.report_closing(incident, mended=seen or explain_resolution(incident, Evidence()))
        else:
            case, diagnosis = self.remediator.examine(signal)
            kept_back = self.remediator.keeps_back(incident, case, diagnosis)
            mended = None if kept_back else seen or explain_resolution(incident, case.evidence)
            telling.report_closing(incident, mended=mended)

    def _use_of_the_new_key(self, incident: Incident) -> LastUse | None:
        """By whoever reads the secret that a rotation changed, if no call has failed since."""
        end = incident.rotation
        if incident.closed or end is None or not (end.new_key and awaits_a_new_key(incident)):
            return None
        answer = self.remediator.sources.iam.look_up(end.new_key)
        use = answer.last_use if isinstance(answer, Resolved) else None
        return use if consumer_is_healthy(incident, use) else None


def _due_for_judgement(incident: Incident, now: datetime) -> Signal | None:
    if incident.attention is TriageState.PENDING:
        return incident.signal
    if incident.closed:
        return None
    recheck = incident.recheck_at is not None and not incident.rechecked and incident.recheck_at <= now
    return incident.signal if recheck or failed_since_it_was_suppressed(incident, now) else None
