"""A user was deleted while one of its keys was in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes import user_deleted
from lambdas.diagnosis.domain.causes.predicted_outage import affected_callers
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.owner.exists or evidence.key is not None:
        return None
    about_the_user = user_deleted.facts(evidence, evidence.owner)
    return Diagnosis(
        cause=Cause.USER_DELETED_IN_USE,
        confidence=Confidence.CERTAIN,
        facts=tuple(dict.fromkeys((*about_the_user, *affected_callers(evidence)))),
        remedies=user_deleted.remedies(evidence.owner),
    )
