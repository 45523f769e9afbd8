"""IAM lists the key as Active, but AWS rejects it; the error code or the region explains why."""

from __future__ import annotations

from lambdas.aws.domain.error_codes import SIGNATURE_CODES, TOKEN_CODES, strip_client_prefix
from lambdas.aws.domain.regions import needs_opt_in, partition_of
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.remedies import (
    CHECK_CLOCK_AND_PAIR,
    FIND_WHICH_CREDENTIAL_WINS,
    check_region_enabled,
)
from lambdas.diagnosis.domain.wording import WRONG_SIGNATURE
from lambdas.text import sanitize


def diagnose(case: Case) -> Diagnosis | None:
    key = case.evidence.key
    reason = _reason(case)
    if key is None or not key.is_active or reason is None:
        return None
    fact, remedies = reason
    return Diagnosis(
        cause=Cause.ACTIVE_KEY_REJECTED,
        confidence=Confidence.LIKELY,
        facts=("IAM lists the key as Active, so the key itself is valid.", fact),
        remedies=(*remedies, FIND_WHICH_CREDENTIAL_WINS),
    )


def _reason(case: Case) -> tuple[str, tuple[Remedy, ...]] | None:
    """The fact that explains the rejection, and its own remedies. None if nothing explains it."""
    code, region = strip_client_prefix(case.signal.error_code), case.signal.region
    if code in SIGNATURE_CODES:
        return WRONG_SIGNATURE, (CHECK_CLOCK_AND_PAIR,)
    if code in TOKEN_CODES:
        return (
            (
                "The request carries a session token that does not belong to this long-term key"
                " (unset AWS_SESSION_TOKEN), or the key is used in another partition."
            ),
            (CHECK_CLOCK_AND_PAIR,),
        )
    if partition_of(region) not in {"", case.deployment.partition}:
        partitions = f"in partition {partition_of(region)}, but the key is in {case.deployment.partition}"
        return f"{sanitize(region)} is {partitions}: a key works only in its own partition.", ()
    if needs_opt_in(region):
        return (
            (
                f"{sanitize(region)} is an opt-in region and may not be enabled: until it is,"
                " keys of the account do not work there."
            ),
            (check_region_enabled(region),),
        )
    return None
