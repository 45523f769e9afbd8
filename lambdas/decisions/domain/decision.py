"""A decision is data with a reason: what is done about a diagnosis, and which guardrail said so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.aws.domain.wording import moment
from lambdas.decisions.domain.alternative_modes import what_other_modes_would_do
from lambdas.decisions.domain.approval_commands import proposal, return_of_loan
from lambdas.decisions.domain.guardrails import (
    ROTATION_STARTED,
    Action,
    Guardrail,
    GuardrailResult,
    consumer_is_stale,
    own_trial,
    rule,
)
from lambdas.decisions.domain.severity import severity_of
from lambdas.diagnosis.domain.remedies import give_up, rotate_again, take_label_off
from lambdas.rotation.domain.key_slots import KEYS_ALLOWED
from lambdas.text import is_secret_name, sanitize, sanitize_name, sanitize_prose, sanitize_secret_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.diagnosis.domain.cause import Severity
    from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis, Remedy
    from lambdas.rotation.domain.fail_overs import FailOverResult
    from lambdas.rotation.domain.rotation_context import RotationContext

_RETURN = "its next rotation returns it"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`reason` is a clause for people; the guardrail is its name for machines, `none` where none applied.
    `remedies` are what a person can run about the decision itself.
    """

    action: Action
    guardrail: Guardrail
    severity: Severity
    reason: str
    remedies: tuple[Remedy, ...] = ()


def decide(
    case: Case, diagnosis: Diagnosis, *, exempt: str = "", rotates_whatever_switched_off: bool = False
) -> Decision:
    """`exempt` is the clause that names the exemptions that apply, empty where none does."""
    ruling = own_trial(diagnosis.cause, case.signal.caller.user_agent) or rule(
        diagnosis.cause,
        case.evidence,
        exposed=diagnosis.exposes_a_secret,
        exempt=exempt,
        rotates_whatever_switched_off=rotates_whatever_switched_off,
    )
    if ruling.guardrail is Guardrail.MODE_NOTIFY:
        would = what_other_modes_would_do(case, diagnosis, any_end=rotates_whatever_switched_off)
        ruling = ruling._replace(reason=f"{would}; {ruling.reason}")
    return decided(case, diagnosis, ruling)


def decided(case: Case, diagnosis: Diagnosis, ruling: GuardrailResult) -> Decision:
    asks, enrolment = ruling.action is Action.REQUEST_APPROVAL, case.evidence.enrolment
    return Decision(
        action=ruling.action,
        guardrail=ruling.guardrail,
        severity=severity_of(case, diagnosis, ruling.action),
        reason=_with_loans(ruling.reason, enrolment),
        remedies=(proposal(enrolment),) if asks and enrolment else (),
    )


def with_choices(decision: Decision, case: Case, held: Sequence[str]) -> Decision:
    """Of the keys that leave no room a person has to choose one; `held` tells of each, in words."""
    owner = case.evidence.owner
    if owner is None:
        return decision
    keys = [key.access_key_id for key in case.evidence.listed_keys][:KEYS_ALLOWED]
    return replace(
        decision,
        reason=f"{decision.reason}; {sanitize_name(owner.name)} holds {sanitize_prose(' and '.join(held))}",
        remedies=tuple(give_up(owner.name, key) for key in keys),
    )


def not_started(case: Case, diagnosis: Diagnosis, why: str, *, blocked_by: str = "") -> Decision:
    """A rotation or fail over that was decided on could not be begun. `blocked_by` is the version whose label
    is in the way.
    """
    reason = f"a change was due, but was not seen to start ({sanitize(why, 200)})"
    decision = decided(case, diagnosis, GuardrailResult(Action.REFUSE, Guardrail.NOT_STARTED, reason))
    enrolment = case.evidence.enrolment
    if enrolment is None or not is_secret_name(blocked_by):
        return decision
    name = enrolment.secret_name
    return replace(decision, remedies=(take_label_off(name, blocked_by), rotate_again(name)))


def started(case: Case, diagnosis: Diagnosis) -> Decision:
    """Also where the same message is worked off again, and its own rotation is in the way of another."""
    return decided(case, diagnosis, GuardrailResult(Action.ROTATE, Guardrail.NONE, ROTATION_STARTED))


def failed_over(case: Case, diagnosis: Diagnosis, carried: FailOverResult) -> Decision:
    """The secret carries another key that works; or it did before, and nothing had to be done."""
    enrolment = case.evidence.enrolment
    name = enrolment.secret_name if enrolment else ""
    if not carried.moved:
        return decided(case, diagnosis, consumer_is_stale(name, carried.access_key_id))
    secret = sanitize_secret_name(name)
    key, since = carried.access_key_id, moment(carried.since)
    if not carried.lender:
        reason = f"{secret} names its previous key {key} again since {since}, which will not be retired"
        return decided(case, diagnosis, GuardrailResult(Action.FAIL_OVER, Guardrail.NONE, reason))
    reason = f"{secret} carries key {key} of the backup user {sanitize_name(carried.lender)} since {since}"
    lent = decided(case, diagnosis, GuardrailResult(Action.FAIL_OVER, Guardrail.NONE, f"{reason}; {_RETURN}"))
    return replace(lent, remedies=(return_of_loan(name),))


def _with_loans(reason: str, enrolment: RotationContext | None) -> str:
    lent_to = enrolment.lent_to if enrolment else ()
    return f"{reason}; the key is lent to {' and '.join(lent_to)}" if lent_to else reason
