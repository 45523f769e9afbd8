"""A decision is data with a reason: what is done about a diagnosis, and which guardrail said so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lambdas.domain.cause import PREDICTIONS, Cause
from lambdas.domain.severity import severity_of

if TYPE_CHECKING:
    from lambdas.domain.cause import Severity
    from lambdas.domain.diagnosis import Case, Diagnosis


class Action(StrEnum):
    SUPPRESS = "suppress"
    NOTIFY = "notify"


class Guardrail(StrEnum):
    NOT_A_KEY_FAILURE = "not-a-key-failure"
    QUARANTINED = "quarantined"
    ROTATION_CANNOT_MEND = "rotation-cannot-mend"
    NOT_ENROLLED = "not-enrolled"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`reason` is a clause for people; the guardrail is its name for machines."""

    action: Action
    guardrail: Guardrail
    severity: Severity
    reason: str


_ROTATION_WOULD_MEND = (
    frozenset({Cause.SUPERSEDED_KEY, Cause.USER_DELETED, Cause.KEY_DELETED, Cause.KEY_INACTIVE}) | PREDICTIONS
)


def decide(case: Case, diagnosis: Diagnosis) -> Decision:
    action, guardrail, reason = _first_guardrail(
        diagnosis.cause, leaked=bool(case.evidence.quarantine_policy)
    )
    severity = severity_of(case, diagnosis, suppressed=action is Action.SUPPRESS)
    return Decision(action=action, guardrail=guardrail, severity=severity, reason=reason)


def _first_guardrail(cause: Cause, *, leaked: bool) -> tuple[Action, Guardrail, str]:
    """The guardrails in their order; the first that applies decides."""
    if cause is Cause.NOT_A_KEY_FAILURE:
        return Action.SUPPRESS, Guardrail.NOT_A_KEY_FAILURE, "this is not the failure of a key"
    if cause is Cause.QUARANTINED_KEY or (leaked and cause in PREDICTIONS):
        return Action.NOTIFY, Guardrail.QUARANTINED, "a leaked key is never replaced automatically"
    if cause not in _ROTATION_WOULD_MEND:
        reason = "no rotation can mend this; nothing was changed"
        return Action.NOTIFY, Guardrail.ROTATION_CANNOT_MEND, reason
    reason = "the owner is not enrolled for rotation; nothing was changed"
    return Action.NOTIFY, Guardrail.NOT_ENROLLED, reason
