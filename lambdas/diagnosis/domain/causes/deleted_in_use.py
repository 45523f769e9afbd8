"""A key was deleted while it was in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes.foreseen import succession, victims
from lambdas.diagnosis.domain.causes.key_deleted import replacement
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import list_keys

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.key is not None:
        return None
    leaked = (list_keys(evidence.owner.name),)
    return Diagnosis(
        cause=Cause.DELETED_IN_USE,
        confidence=Confidence.CERTAIN,
        facts=(*victims(evidence), *succession(evidence), "A deleted key cannot be brought back."),
        remedies=leaked if evidence.quarantine_policy else replacement(evidence, evidence.owner),
    )
