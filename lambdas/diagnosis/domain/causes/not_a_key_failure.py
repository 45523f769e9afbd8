"""The code matches, but the call failed for another reason: counted, never alerted."""

from __future__ import annotations

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.wording import moment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes.key_not_propagated import PROPAGATION
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.text import sanitize


def diagnose(case: Case) -> Diagnosis | None:
    """By the signal alone, or for an ambiguous message, by a key that IAM lists as Active."""
    if case.signal.error_class is ErrorClass.UNRELATED:
        return _not_a_key_failure("The error's code and message are not about the caller's key.")
    if case.signal.error_class is ErrorClass.AMBIGUOUS:
        return _diagnose_active(case)
    return None


def _diagnose_active(case: Case) -> Diagnosis | None:
    """Healthy callers get the code with other messages (aws-facts 1.4)."""
    key = case.evidence.key
    return _not_a_key_failure("IAM lists the key as Active.") if key is not None and key.is_active else None


def diagnose_reactivated_since(case: Case) -> Diagnosis | None:
    """The key was inactive when the call was made, or that cannot be excluded yet, because the record of its
    reactivation is still on its way.
    """
    key = case.evidence.key
    if case.signal.error_class is not ErrorClass.KEY_REJECTED or key is None or not key.is_active:
        return None
    again = case.evidence.reactivation
    seen_inactive = [at for at in (case.evidence.inactive_at, case.found_inactive_at) if at is not None]
    if seen_inactive and (again is None or again.until < max(seen_inactive)):
        fact = f"IAM lists the key as Active; it was inactive at {moment(max(seen_inactive))}"
        return _not_a_key_failure(f"{fact}, and its reactivation is not on record yet.", Confidence.LIKELY)
    if again is None or case.signal.occurred_at > again.until + PROPAGATION:
        return None
    at = f"by {moment(again.until)}, after the call or too shortly before it"
    return _not_a_key_failure(
        f"{sanitize(again.by or 'Somebody')} reactivated the key {at}.", Confidence.LIKELY
    )


def diagnose_reactivated() -> Diagnosis:
    """An outage was predicted, but the key has been reactivated, or is not a key of this account."""
    return _not_a_key_failure("The key that was deactivated is active again.")


def diagnose_no_leak() -> Diagnosis:
    return _not_a_key_failure("Neither IAM nor the ledger shows that the key has leaked.")


def _not_a_key_failure(fact: str, confidence: Confidence = Confidence.CERTAIN) -> Diagnosis:
    return Diagnosis(cause=Cause.NOT_A_KEY_FAILURE, confidence=confidence, facts=(fact,))
