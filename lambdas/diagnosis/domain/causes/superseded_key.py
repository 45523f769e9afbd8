"""The key was deactivated or deleted, and a newer key of its owner has replaced it."""

from __future__ import annotations

from lambdas.aws.domain.wording import last_use_clause, moment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.evidence import Evidence, Successor
from lambdas.diagnosis.domain.remedies import FIND_WHO_HAS_THE_OLD_KEY, list_keys
from lambdas.diagnosis.domain.wording import describe_deactivation, describe_key_deletion, describe_last_use
from lambdas.text import sanitize


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.successor is None:
        return None
    if evidence.key is not None and evidence.key.is_active:
        return None
    return Diagnosis(
        cause=Cause.SUPERSEDED_KEY,
        confidence=Confidence.LIKELY,
        facts=_facts(evidence, evidence.successor),
        remedies=(FIND_WHO_HAS_THE_OLD_KEY, list_keys(evidence.owner.name)),
    )


def _facts(evidence: Evidence, successor: Successor) -> tuple[str, ...]:
    if evidence.key is None:
        end = ("IAM no longer lists the key.", *describe_key_deletion(evidence))
    else:
        end = (f"IAM lists the key as {sanitize(evidence.key.status)}.", *describe_deactivation(evidence))
    created = f"The owner's newer key {successor.access_key_id}, created at {moment(successor.created_at)}"
    return (
        *end,
        f"{created} and {last_use_clause(successor.last_use)}, has taken its place.",
        "The callers above still have the old key: give them the newer one.",
        *describe_last_use(evidence),
    )
