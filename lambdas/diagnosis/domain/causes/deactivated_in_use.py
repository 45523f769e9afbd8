"""A key was deactivated while it was in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes.predicted_outage import affected_callers, replacement_facts
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import list_keys, reactivate

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case, Remedy
    from lambdas.ledger.domain.owner import Owner


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.key is None or evidence.key.is_active:
        return None
    return Diagnosis(
        cause=Cause.DEACTIVATED_IN_USE,
        confidence=Confidence.CERTAIN,
        facts=(*affected_callers(evidence), *replacement_facts(evidence)),
        remedies=_remedies(case, evidence.owner),
    )


def _remedies(case: Case, owner: Owner) -> tuple[Remedy, ...]:
    """Does not say how to reactivate a leaked key."""
    if case.evidence.quarantine_policy:
        return (list_keys(owner.name),)
    return (reactivate(owner.name, case.signal.access_key_id), list_keys(owner.name))
