"""The key belongs to the account's root user."""

from __future__ import annotations

from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import COUNT_ROOT_KEYS

_ROOT_ACTOR = "root"  # the end of the root user's ARN


def diagnose(case: Case) -> Diagnosis | None:
    is_on_record = any(not change.user_name and change.by == _ROOT_ACTOR for change in case.evidence.history)
    if case.evidence.key is not None or not (is_on_record or case.signal.is_root):
        return None
    return Diagnosis(
        cause=Cause.ROOT_KEY,
        confidence=Confidence.CERTAIN if is_on_record else Confidence.LIKELY,
        facts=(
            "The key belongs to the account's root user, which no IAM policy can restrict.",
            (
                "Sign in as the root user, delete its keys, and give the application a role, or a"
                " user of its own."
            ),
        ),
        remedies=(COUNT_ROOT_KEYS,),
    )
