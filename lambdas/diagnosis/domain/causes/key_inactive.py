"""The key exists in this account, but IAM does not list it as Active."""

from __future__ import annotations

from lambdas.aws.domain.iam import ListedKey
from lambdas.aws.domain.wording import moment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.remedies import list_keys, reactivate, unless_leaked
from lambdas.diagnosis.domain.wording import (
    describe_deactivation,
    describe_last_use,
    list_other_keys,
    quote_description,
)
from lambdas.ledger.domain.owner import Owner
from lambdas.text import sanitize


def diagnose(case: Case) -> Diagnosis | None:
    key, owner = case.evidence.key, case.evidence.owner
    if key is None or owner is None or key.is_active:
        return None
    return Diagnosis(
        cause=Cause.KEY_INACTIVE,
        confidence=Confidence.CERTAIN,
        facts=_facts(case.evidence, key),
        remedies=(reactivation(case.evidence, owner, key.access_key_id), list_keys(owner.name)),
    )


def _facts(evidence: Evidence, key: ListedKey) -> tuple[str, ...]:
    return (
        f"IAM lists the key as {sanitize(key.status)}; it was created at {moment(key.created_at)}.",
        *describe_deactivation(evidence),
        *describe_last_use(evidence),
        *quote_description(evidence),
        list_other_keys(evidence.other_keys),
    )


def reactivation(evidence: Evidence, owner: Owner, access_key_id: str) -> Remedy:
    """A leaked key must not be reactivated."""
    return unless_leaked(evidence, reactivate(owner.name, access_key_id))
