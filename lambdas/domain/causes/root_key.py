"""The key belongs to the account's root user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.cause import Cause
from lambdas.domain.diagnosis import Confidence, Diagnosis
from lambdas.domain.remedies import COUNT_ROOT_KEYS

if TYPE_CHECKING:
    from lambdas.domain.diagnosis import Case


def diagnose(case: Case) -> Diagnosis | None:
    if not case.signal.is_root:
        return None
    return Diagnosis(
        cause=Cause.ROOT_KEY,
        confidence=Confidence.LIKELY,
        facts=(
            "CloudTrail names the root user as the caller; no policy of the account restrains that user.",
            "Sign in as the root user, delete its keys, and give the application a role or another user.",
        ),
        remedies=(COUNT_ROOT_KEYS,),
    )
