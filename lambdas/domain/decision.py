"""A decision is data with a reason: what is done about a diagnosis, and which guardrail said so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lambdas.domain.access_key_id import decode_account
from lambdas.domain.cause import Cause, Severity

if TYPE_CHECKING:
    from lambdas.domain.diagnosis import Case, Diagnosis


class Action(StrEnum):
    SUPPRESS = "suppress"
    NOTIFY = "notify"


class Guardrail(StrEnum):
    NOT_A_KEY_FAILURE = "not-a-key-failure"
    ROTATION_CANNOT_MEND = "rotation-cannot-mend"
    NOT_ENROLLED = "not-enrolled"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`reason` is a clause for people; the guardrail is its name for machines."""

    action: Action
    guardrail: Guardrail
    severity: Severity
    reason: str


def decide(case: Case, diagnosis: Diagnosis) -> Decision:
    """The guardrails in their order; the first that applies decides."""
    if diagnosis.cause is Cause.NOT_A_KEY_FAILURE:
        return Decision(
            action=Action.SUPPRESS,
            guardrail=Guardrail.NOT_A_KEY_FAILURE,
            severity=Severity.LOW,
            reason="this is not the failure of a key",
        )
    guardrail, reason = _why_only_notify(diagnosis.cause)
    return Decision(
        action=Action.NOTIFY, guardrail=guardrail, severity=_severity(case, diagnosis.cause), reason=reason
    )


def _why_only_notify(cause: Cause) -> tuple[Guardrail, str]:
    if cause in {Cause.UNKNOWN_KEY, Cause.ROOT_KEY}:
        return Guardrail.ROTATION_CANNOT_MEND, "no rotation can mend this; nothing was changed"
    return Guardrail.NOT_ENROLLED, "the owner is not enrolled for rotation; nothing was changed"


def _severity(case: Case, cause: Cause) -> Severity:
    """High for this account's keys; an id that cannot be this account's harms others at most."""
    if cause is Cause.ROOT_KEY:
        return Severity.CRITICAL
    if cause is Cause.UNKNOWN_KEY and decode_account(case.signal.access_key_id) != case.home.account:
        return Severity.LOW
    return Severity.HIGH
