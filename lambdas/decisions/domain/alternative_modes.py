"""Describes what would be done in the modes that are not in effect, for an alert in mode notify."""

from __future__ import annotations

from dataclasses import replace

from lambdas.decisions.domain.guardrails import Action, apply_guardrails
from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis
from lambdas.rotation.domain.modes import Mode

CONDITIONAL_WORDING = {
    Action.ROTATE: "a rotation would be started",
    Action.FAIL_OVER: "the managed secret would get another key that works",
    Action.REQUEST_APPROVAL: "a person would be asked to approve a change",
    Action.REFUSE: "a change would be refused",
}


def describe_alternative_modes(case: Case, diagnosis: Diagnosis, *, trusts_all_actors: bool) -> str:
    """A clause about an enrolled user whose mode in effect is notify. `trusts_all_actors` as in decide."""
    approve, auto = (
        _describe(case, diagnosis, mode, trusts_all_actors=trusts_all_actors)
        for mode in (Mode.APPROVE, Mode.AUTO)
    )
    if approve == auto:
        return f"in mode approve or auto {auto}"
    return f"in mode approve {approve}, in mode auto {auto}"


def _describe(case: Case, diagnosis: Diagnosis, mode: Mode, *, trusts_all_actors: bool) -> str:
    context = case.evidence.rotation_context
    evidence = replace(
        case.evidence, rotation_context=context and replace(context, mode=mode, deployment_mode=mode)
    )
    result = apply_guardrails(diagnosis.cause, evidence, trusts_all_actors=trusts_all_actors)
    guardrail = f" ({result.guardrail})" if result.action is Action.REFUSE else ""
    return CONDITIONAL_WORDING[result.action] + guardrail
