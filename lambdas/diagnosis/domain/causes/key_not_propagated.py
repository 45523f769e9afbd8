"""The key was created seconds ago and has not reached every AWS endpoint yet."""

from __future__ import annotations

from datetime import timedelta

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam import ListedKey
from lambdas.aws.domain.wording import moment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import WAIT_AND_RETRY

# IAM is eventually consistent. Users measured that 1 call in 100 fails after 5 seconds, and about none after
# 10 (peers, U9). CloudTrail's times are whole seconds.
PROPAGATION = timedelta(seconds=60)


def diagnose(case: Case) -> Diagnosis | None:
    key = case.evidence.key
    if case.signal.error_class is not ErrorClass.KEY_REJECTED:  # waiting does not fix a wrong signature
        return None
    if key is None or not key.is_active or not _is_new(case, key):
        return None
    return Diagnosis(
        cause=Cause.KEY_NOT_PROPAGATED,
        confidence=Confidence.LIKELY,
        facts=(
            (
                f"IAM lists the key as Active. It was created at {moment(key.created_at)}, less than a minute"
                " before the call."
            ),
            (
                "Some AWS endpoints reject a new key for some seconds, until it has propagated:"
                " wait and try again."
            ),
        ),
        remedies=(WAIT_AND_RETRY,),
    )


def _is_new(case: Case, key: ListedKey) -> bool:
    """False for a call long before the key's creation: one of the two times must be wrong."""
    return -PROPAGATION < case.signal.occurred_at - key.created_at < PROPAGATION
