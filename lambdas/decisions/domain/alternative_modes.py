"""What would be done in the modes that are not in effect, for an alert that changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.decisions.domain.guardrails import Action, rule
from lambdas.rotation.domain.modes import Mode

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis

WOULD = {
    Action.ROTATE: "a rotation would be started",
    Action.FAIL_OVER: "the managed secret would be made to carry another key that works",
    Action.REQUEST_APPROVAL: "a person would be asked to approve a change",
    Action.REFUSE: "a change would be refused",
}


def what_other_modes_would_do(case: Case, diagnosis: Diagnosis, *, any_end: bool) -> str:
    """As a clause, for the case of an enrolled user whose mode in effect is notify."""
    approve, auto = (_would(case, diagnosis, mode, any_end=any_end) for mode in (Mode.APPROVE, Mode.AUTO))
    if approve == auto:
        return f"in mode approve or auto {auto}"
    return f"in mode approve {approve}, in mode auto {auto}"


def _would(case: Case, diagnosis: Diagnosis, mode: Mode, *, any_end: bool) -> str:
    evidence = case.evidence
    enrolment = evidence.enrolment and replace(evidence.enrolment, mode=mode, stage_mode=mode)
    ruling = rule(
        diagnosis.cause, replace(evidence, enrolment=enrolment), rotates_whatever_switched_off=any_end
    )
    which = f" ({ruling.guardrail})" if ruling.action is Action.REFUSE else ""
    return WOULD[ruling.action] + which
