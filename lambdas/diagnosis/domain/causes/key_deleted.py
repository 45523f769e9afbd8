"""The key was deleted: IAM, the ledger or CloudTrail's history still has its owner."""

from __future__ import annotations

from lambdas.aws.domain.iam import KEYS_ALLOWED
from lambdas.aws.domain.iam_events import DELETE_KEY
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.remedies import list_keys, replace_key, unless_leaked
from lambdas.diagnosis.domain.wording import (
    describe_key_deletion,
    describe_last_use,
    list_other_keys,
    quote_description,
)
from lambdas.ledger.domain.owner import Owner
from lambdas.text import sanitize_name


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.key is not None:
        return None
    return Diagnosis(
        cause=Cause.KEY_DELETED,
        confidence=deletion_confidence(evidence),
        facts=(
            f"It was a key of {sanitize_name(evidence.owner.name)}; IAM no longer lists it.",
            *describe_key_deletion(evidence),
            *describe_last_use(evidence),
            *quote_description(evidence),
            list_other_keys(evidence.other_keys),
        ),
        remedies=replacement_remedies(evidence, evidence.owner),
    )


def deletion_confidence(evidence: Evidence) -> Confidence:
    """Certain if its deletion is on record, or IAM still has its last use but does not list it."""
    gone = evidence.latest(DELETE_KEY) or evidence.deletion or evidence.last_use
    return Confidence.CERTAIN if gone else Confidence.LIKELY


def replacement_remedies(evidence: Evidence, owner: Owner) -> tuple[Remedy, ...]:
    if len(evidence.other_keys) >= KEYS_ALLOWED:
        return (list_keys(owner.name),)
    return (list_keys(owner.name), unless_leaked(evidence, replace_key(owner.name)))
