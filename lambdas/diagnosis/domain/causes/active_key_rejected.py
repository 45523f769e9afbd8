"""IAM lists the key as Active, but AWS rejects it: its message, the error code or the region says why."""

from __future__ import annotations

from typing import TypeAlias

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.regions import needs_opt_in, partition_of
from lambdas.aws.domain.rejections import Objection, find_objection
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.remedies import (
    CHECK_CLOCK_AND_PAIR,
    FIND_WHICH_CREDENTIAL_WINS,
    TRY_WITHOUT_SESSION_TOKEN,
    check_region_enabled,
)
from lambdas.diagnosis.domain.signing import explain_signature
from lambdas.text import sanitize

_Reason: TypeAlias = tuple[str, tuple[Remedy, ...], Confidence]

_LEFTOVER_SESSION = (
    "The request carries a session token that does not belong to this long-term key (unset"
    " AWS_SESSION_TOKEN), or the key is used in another partition."
)
_SESSION_OR_PARTITION = (
    "AWS has another message for a wrong secret, so the request probably carries a session token that does"
    " not belong to this long-term key (unset AWS_SESSION_TOKEN); or it went to another partition."
)
_ANY_PART = (
    "Nothing says which part AWS rejects: a secret that does not belong to this id, a session token that does"
    " not belong to it (unset AWS_SESSION_TOKEN), a clock that is off, or an endpoint of another partition."
)


def diagnose(case: Case) -> Diagnosis | None:
    key = case.evidence.key
    if key is None or not key.is_active:
        return None
    fact, remedies, confidence = _reason(case)
    return Diagnosis(
        cause=Cause.ACTIVE_KEY_REJECTED,
        confidence=confidence,
        facts=("IAM lists the key as Active, so the key itself is valid.", fact),
        remedies=(*remedies, FIND_WHICH_CREDENTIAL_WINS),
    )


def _reason(case: Case) -> _Reason:
    """The fact that explains the rejection, its own remedies, and how certain it is."""
    signal = case.signal
    objection = find_objection(signal.error_code, signal.error_message)
    of_region = _reason_in_region(case) if signal.error_class is ErrorClass.KEY_REJECTED else None
    return explain_signature(objection) or of_region or _reason_by_credential(objection)


def _reason_by_credential(objection: Objection) -> _Reason:
    if objection is Objection.TOKEN:
        return _LEFTOVER_SESSION, (CHECK_CLOCK_AND_PAIR,), Confidence.LIKELY
    if objection is Objection.KEY_OR_TOKEN:
        return _SESSION_OR_PARTITION, (TRY_WITHOUT_SESSION_TOKEN,), Confidence.LIKELY
    return _ANY_PART, (CHECK_CLOCK_AND_PAIR,), Confidence.POSSIBLE


def _reason_in_region(case: Case) -> _Reason | None:
    region = case.signal.region
    if partition_of(region) not in {"", case.deployment.partition}:
        partitions = f"in partition {partition_of(region)}, but the key is in {case.deployment.partition}"
        fact = f"{sanitize(region)} is {partitions}: a key works only in its own partition."
        return fact, (), Confidence.LIKELY
    if needs_opt_in(region):
        fact = (
            f"{sanitize(region)} is an opt-in region and may not be enabled: until it is, keys of the account"
            " do not work there."
        )
        return fact, (check_region_enabled(region),), Confidence.LIKELY
    return None
