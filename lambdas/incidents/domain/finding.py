"""A finding: an incident with its diagnosis and decision, which is all that is ever told or stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.aws.domain.contact import accepted_contact
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import PREDICTIONS, Cause
from lambdas.incidents.domain.assessment import Assessment
from lambdas.incidents.domain.transition import Transition
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG

if TYPE_CHECKING:
    from lambdas.decisions.domain.decision import Decision
    from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis
    from lambdas.incidents.domain.incident import Incident
    from lambdas.rotation.domain.modes import Mode


@dataclass(frozen=True, kw_only=True)
class Finding:
    incident: Incident
    case: Case
    diagnosis: Diagnosis
    decision: Decision
    deployment_mode: Mode

    @property
    def owner_name(self) -> str:
        """Empty when nothing names an owner."""
        return self.case.evidence.owner.name if self.case.evidence.owner else ""

    @property
    def owner_id(self) -> str:
        return self.case.evidence.owner.user_id if self.case.evidence.owner else ""

    @property
    def region(self) -> str:
        """Of the failed call; of the calls that will fail where none has yet."""
        use = self.case.evidence.last_use
        foreseen = use.region if use and self.case.signal.predicted_outage else ""
        return self.case.signal.region or foreseen

    @property
    def contact(self) -> str:
        """The address that the owner's tag names; empty where it names none of an accepted domain."""
        return accepted_contact(self.contact_tag, self.case.deployment.contact_domains)

    @property
    def contact_tag(self) -> str:
        """The tag in the words of whoever set it, empty where there is none."""
        owner = self.case.evidence.owner
        return owner.tags.get(CONTACT_TAG, "") if owner else ""

    @property
    def standing(self) -> Assessment:
        return Assessment(
            cause=self.diagnosis.cause,
            confidence=self.diagnosis.confidence,
            action=self.decision.action,
            guardrail=self.decision.guardrail,
            severity=self.decision.severity,
            owner_name=self.owner_name,
            owner_id=self.owner_id,
            contact=self.contact,
            region=self.region,
            service=self.service,
        )

    @property
    def service(self) -> str:
        """As `region`."""
        use = self.case.evidence.last_use
        foreseen = self.case.signal.predicted_outage is not None
        return (use.service if use else "") if foreseen else self.case.signal.service

    @property
    def corrects_an_alert(self) -> bool:
        """The key was unknown when its alert was sent, and is known now."""
        was_unknown = self.incident.alerted is Cause.UNKNOWN_KEY
        return was_unknown and self.diagnosis.cause is not Cause.UNKNOWN_KEY

    @property
    def follows_a_prediction(self) -> bool:
        """What was foreseen has happened, or is worse: the user was deleted after its key."""
        return self.incident.alerted in PREDICTIONS and self.diagnosis.cause is not self.incident.alerted

    @property
    def is_switched_off_anew(self) -> bool:
        """The key was switched off after the incident had been told: it worked again in between."""
        switched_off, judged_at = self.case.signal.predicted_outage, self.incident.judged_at
        return switched_off is not None and judged_at is not None and switched_off.at > judged_at

    @property
    def changes_the_cause(self) -> bool:
        return self.incident.alerted not in {None, self.diagnosis.cause}

    @property
    def changes_the_decision(self) -> bool:
        """What comes of a rotation or fail over that was told of is not told as another decision."""
        return self.incident.alerted_action not in {
            None,
            Action.ROTATE,
            Action.FAIL_OVER,
            self.decision.action,
        }

    @property
    def alert_is_due(self) -> bool:
        """A correction is sent even if the key turns out to be good: the alert before was wrong."""
        if self.corrects_an_alert:
            return True
        is_changed = self.changes_the_cause or self.changes_the_decision
        is_news = self.incident.alerted is None or is_changed or self.is_switched_off_anew
        return is_news and self.decision.action is not Action.SUPPRESS

    @property
    def wants_recheck(self) -> bool:
        """CloudTrail's history lags, so a key that nothing knows is asked about once more, later."""
        unknown = self.diagnosis.cause is Cause.UNKNOWN_KEY and self.case.signal.has_usable_id
        return unknown and not self.incident.rechecked

    @property
    def transition(self) -> Transition | None:
        """Machines are told each change of the cause and the decision, suppressed incidents included."""
        if self.incident.announced is None:
            return Transition.OPENED
        if self.incident.announced is not self.diagnosis.cause:
            return Transition.CAUSE_CHANGED
        same = self.incident.announced_action in {None, self.decision.action}
        return None if same else Transition.DECISION_CHANGED
