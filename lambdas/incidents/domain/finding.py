"""A finding: an incident with its diagnosis and decision, which is all that is ever reported or stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.domain.contact import accepted_contact
from lambdas.decisions.domain.decision import Decision
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.diagnosis.domain.cause import PREDICTIONS, Cause, Severity
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.incidents.domain.incident import AffectedOwner, Assessment, Incident, Transition
from lambdas.incidents.domain.reevaluation import fails_for_another_reason
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.rotation.domain.deactivation import DeactivatedBy
from lambdas.rotation.domain.modes import Mode


@dataclass(frozen=True, kw_only=True)
class Finding:
    incident: Incident  # as it was before this evaluation
    case: Case
    diagnosis: Diagnosis
    decision: Decision
    deployment_mode: Mode
    at: datetime

    @property
    def owner_name(self) -> str:
        """Empty when nothing names an owner."""
        return self.case.evidence.owner.name if self.case.evidence.owner else ""

    @property
    def owner_id(self) -> str:
        return self.case.evidence.owner.user_id if self.case.evidence.owner else ""

    @property
    def region(self) -> str:
        """Of the failed call; of the last good call where a failure is predicted."""
        use = self.case.evidence.last_use
        predicted = use.region if use and self.case.signal.predicted_outage else ""
        return self.case.signal.region or predicted

    @property
    def service(self) -> str:
        """As `region`."""
        if self.case.signal.predicted_outage is None:
            return self.case.signal.service
        return self.case.evidence.last_use.service if self.case.evidence.last_use else ""

    @property
    def contact(self) -> str:
        """The address in the owner's tag; empty where it names none of an accepted domain."""
        return accepted_contact(self.contact_tag, self.case.deployment.contact_domains)

    @property
    def contact_tag(self) -> str:
        """The value of the owner's contact tag as it was set, empty where there is none."""
        owner = self.case.evidence.owner
        return owner.tags.get(CONTACT_TAG, "") if owner else ""

    @property
    def assessment(self) -> Assessment:
        return Assessment(
            at=self.at,
            count=self.incident.count,
            caller_count=len(self.incident.callers),
            cause=self.diagnosis.cause,
            confidence=self.diagnosis.confidence,
            action=self.decision.action,
            guardrail=self.decision.guardrail,
            severity=self.decision.severity,
            owner=AffectedOwner(name=self.owner_name, id=self.owner_id),
            contact=self.contact,
            region=self.region,
            service=self.service,
            exposes_secret=self.diagnosis.exposes_secret,
        )

    @property
    def unread_faults(self) -> list[str]:
        """What could not be read, though AWS did not only throttle."""
        return [one.error for one in self.case.evidence.unread if one.is_fault]

    @property
    def corrects_an_alert(self) -> bool:
        """The key was unknown when its alert was sent, and is known now; or nothing shows the leak that only
        its record showed then.
        """
        alerted = self.incident.alerted
        was_unknown = alerted is not None and alerted.cause is Cause.UNKNOWN_KEY
        return (was_unknown and self.diagnosis.cause is not Cause.UNKNOWN_KEY) or self._takes_a_leak_back

    @property
    def _takes_a_leak_back(self) -> bool:
        """It was alerted without all evidence, so not as certain."""
        alerted = self.incident.alerted
        if alerted is None or alerted.cause is not Cause.QUARANTINED_KEY:
            return False
        return self._is_unseen_leak and alerted.confidence is not Confidence.CERTAIN

    @property
    def follows_a_prediction(self) -> bool:
        """The predicted outage has happened, or became worse: the user was deleted after its key."""
        alerted = self.incident.alerted
        return alerted is not None and alerted.cause in PREDICTIONS and self.changes_the_cause

    @property
    def is_deactivated_again(self) -> bool:
        """The key was deactivated or deleted after the last evaluation, so it worked in between."""
        change, latest = self.case.signal.predicted_outage, self.incident.latest
        if change is None or latest is None or change.is_leak:
            return False
        return change.at > latest.at

    @property
    def changes_the_cause(self) -> bool:
        alerted = self.incident.alerted
        return alerted is not None and alerted.cause is not self.diagnosis.cause

    @property
    def changes_the_decision(self) -> bool:
        """After a rotation or fail over was reported, its result is: another decision is no change."""
        alerted = self.incident.alerted
        reported = (Action.ROTATE, Action.FAIL_OVER, self.decision.action)
        return alerted is not None and alerted.action not in reported

    @property
    def adds_a_reason(self) -> bool:
        """The cause is as alerted, but these calls fail for another reason."""
        return not self.changes_the_cause and fails_for_another_reason(self.incident, self.case.signal)

    @property
    def alert_is_due(self) -> bool:
        """A correction is sent even if the key turns out to be good: the alert before was wrong."""
        if self.corrects_an_alert:
            return True
        is_changed = self.changes_the_cause or self.changes_the_decision or self.adds_a_reason
        is_new = self.incident.alerted is None or is_changed or self.is_deactivated_again
        return is_new and self.decision.action is not Action.SUPPRESS

    @property
    def may_be_held(self) -> bool:
        """Whether the alert repeats what an owner can cause without end, and waits if there were many. A
        correction and what is critical never wait.
        """
        is_urgent = self.corrects_an_alert or self.decision.severity is Severity.CRITICAL
        return self.incident.alerted is not None and not is_urgent

    @property
    def wants_recheck(self) -> bool:
        """CloudTrail's history lags, so an unknown key is looked up once more, later. So is who deactivated a
        key, if only that is missing for a rotation, what could not be read, and a leak that nothing shows.
        """
        is_unknown = self.diagnosis.cause is Cause.UNKNOWN_KEY and self.case.signal.has_usable_id
        is_incomplete = bool(self.case.evidence.unread) or self._is_unseen_leak
        return (is_unknown or self._awaits_confirmation or is_incomplete) and not self.incident.rechecked

    @property
    def recheck_is_soon(self) -> bool:
        """What could not be read adds to an alert at once, where nothing else is awaited."""
        is_unknown = self.diagnosis.cause is Cause.UNKNOWN_KEY
        is_read_soon = bool(self.case.evidence.unread) and not is_unknown and not self._awaits_confirmation
        return is_read_soon or self._is_unseen_leak

    @property
    def _is_unseen_leak(self) -> bool:
        return self.case.signal.is_leak and self.diagnosis.cause is not Cause.QUARANTINED_KEY

    @property
    def _awaits_confirmation(self) -> bool:
        context = self.case.evidence.rotation_context
        is_unconfirmed = context is not None and context.deactivated_by is DeactivatedBy.UNCONFIRMED
        return is_unconfirmed and self.decision.guardrail is Guardrail.SWITCHED_OFF_BY_A_PERSON

    @property
    def transition(self) -> Transition | None:
        """Each change of cause and decision is an event, also of a suppressed incident."""
        latest = self.incident.latest
        if latest is None:
            return Transition.OPENED
        if latest.cause is not self.diagnosis.cause:
            return Transition.CAUSE_CHANGED
        return None if latest.action is self.decision.action else Transition.DECISION_CHANGED


@dataclass(frozen=True, kw_only=True)
class IncidentUpdate:
    """What a worker saves of the incident that it claimed."""

    incident: Incident
    finding: Finding | None = None  # None if the incident was not evaluated
    due_at: datetime | None = None  # when the timer follows up on it; None for never
