"""A decision is data with a reason: what is done about a diagnosis, and which guardrail said so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.domain.guardrails import Action, Guardrail, own_trial, rule
from lambdas.domain.inert_text import inert
from lambdas.domain.other_modes import what_other_modes_would_do
from lambdas.domain.severity import severity_of

if TYPE_CHECKING:
    from lambdas.domain.cause import Severity
    from lambdas.domain.diagnosis import Case, Diagnosis


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`reason` is a clause for people; the guardrail is its name for machines, `none` where none applied."""

    action: Action
    guardrail: Guardrail
    severity: Severity
    reason: str


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
    reason = ruling.reason
    if ruling.guardrail is Guardrail.MODE_NOTIFY:
        would = what_other_modes_would_do(case, diagnosis, any_end=rotates_whatever_switched_off)
        reason = f"{would}; {reason}"
    severity = severity_of(case, diagnosis, ruling.action)
    return Decision(action=ruling.action, guardrail=ruling.guardrail, severity=severity, reason=reason)


def not_started(case: Case, diagnosis: Diagnosis, why: str) -> Decision:
    """A rotation that was decided on could not be begun."""
    return Decision(
        action=Action.REFUSE,
        guardrail=Guardrail.NOT_STARTED,
        severity=severity_of(case, diagnosis, Action.REFUSE),
        reason=f"a rotation was due, but was not seen to start ({inert(why, 200)})",
    )
