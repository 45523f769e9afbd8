"""The code matches, but the call failed for another reason: counted, never alerted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case


def diagnose(case: Case) -> Diagnosis | None:
    """By the signal alone, or where an unclear message is judged by a key that IAM lists as Active."""
    if case.signal.reading is ErrorClass.UNRELATED:
        return _not_a_key_failure("The error's code and message are not about the caller's key.")
    if case.signal.reading is ErrorClass.AMBIGUOUS:
        return diagnose_active(case)
    return None


def diagnose_active(case: Case) -> Diagnosis | None:
    """What is left of an active key when nothing supports that AWS rejects it."""
    key = case.evidence.key
    if key is None or not key.is_active:
        return None
    confidence = Confidence.LIKELY if case.signal.reading is ErrorClass.KEY_REJECTED else Confidence.CERTAIN
    return _not_a_key_failure("IAM lists the key as Active.", confidence)


def diagnose_undone() -> Diagnosis:
    """A key that was switched off is on again, or was never this account's to switch."""
    return _not_a_key_failure("The key that was switched off works again.")


def _not_a_key_failure(fact: str, confidence: Confidence = Confidence.CERTAIN) -> Diagnosis:
    return Diagnosis(cause=Cause.NOT_A_KEY_FAILURE, confidence=confidence, facts=(fact,))
