"""The code matches, but the call failed for another reason: counted, never alerted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.cause import Cause
from lambdas.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.domain.error_codes import Reading

if TYPE_CHECKING:
    from lambdas.domain.evidence import ListedKey


def diagnose(case: Case) -> Diagnosis | None:
    if case.signal.reading is Reading.OTHER_MATTER:
        return _not_a_key_failure("The error's code and message are not about the caller's key.")
    if case.signal.reading is Reading.NEIGHBOUR:
        return _not_a_key_failure("The code is a neighbour of the family: a token's or a signature's.")
    if _is_active(case.evidence.key):
        confidence = Confidence.LIKELY if case.signal.reading is Reading.KEY_REFUSED else Confidence.CERTAIN
        return _not_a_key_failure("IAM lists the key as Active.", confidence)
    return None


def _is_active(key: ListedKey | None) -> bool:
    return key is not None and key.is_active


def _not_a_key_failure(fact: str, confidence: Confidence = Confidence.CERTAIN) -> Diagnosis:
    return Diagnosis(cause=Cause.NOT_A_KEY_FAILURE, confidence=confidence, facts=(fact,))
