"""A key was deleted while it was in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes.key_deleted import replacement_remedies
from lambdas.diagnosis.domain.causes.predicted_outage import affected_callers, replacement_facts
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import list_keys

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case, Remedy
    from lambdas.diagnosis.domain.evidence import Evidence
    from lambdas.ledger.domain.owner import Owner


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.key is not None:
        return None
    return Diagnosis(
        cause=Cause.DELETED_IN_USE,
        confidence=Confidence.CERTAIN,
        facts=(
            *affected_callers(evidence),
            *replacement_facts(evidence),
            "A deleted key cannot be brought back.",
        ),
        remedies=_remedies(evidence, evidence.owner),
    )


def _remedies(evidence: Evidence, owner: Owner) -> tuple[Remedy, ...]:
    """Does not offer a new key if the deleted one was leaked."""
    if evidence.quarantine_policy:
        return (list_keys(owner.name),)
    return replacement_remedies(evidence, owner)
