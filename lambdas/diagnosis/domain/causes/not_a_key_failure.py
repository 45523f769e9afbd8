"""The code matches, but the call failed for another reason: counted, never alerted."""

from __future__ import annotations

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis


def diagnose(case: Case) -> Diagnosis | None:
    """By the signal alone, or for an ambiguous message, by a key that IAM lists as Active."""
    if case.signal.error_class is ErrorClass.UNRELATED:
        return _not_a_key_failure("The error's code and message are not about the caller's key.")
    if case.signal.error_class is ErrorClass.AMBIGUOUS:
        return diagnose_active(case)
    return None


def diagnose_active(case: Case) -> Diagnosis | None:
    """The key is active, and no other cause explains why AWS would reject it."""
    key = case.evidence.key
    if key is None or not key.is_active:
        return None
    is_rejected = case.signal.error_class is ErrorClass.KEY_REJECTED
    return _not_a_key_failure(
        "IAM lists the key as Active.", Confidence.LIKELY if is_rejected else Confidence.CERTAIN
    )


def diagnose_reactivated() -> Diagnosis:
    """An outage was predicted, but the key has been reactivated, or is not a key of this account."""
    return _not_a_key_failure("The key that was deactivated is active again.")


def _not_a_key_failure(fact: str, confidence: Confidence = Confidence.CERTAIN) -> Diagnosis:
    return Diagnosis(cause=Cause.NOT_A_KEY_FAILURE, confidence=confidence, facts=(fact,))
