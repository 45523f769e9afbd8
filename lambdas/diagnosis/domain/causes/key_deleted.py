"""The key was this account's and is gone: IAM still names its user, or CloudTrail's history does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.wording import last_used
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.remedies import list_keys, replace_key
from lambdas.diagnosis.domain.wording import deleted_by, description_of, other_keys
from lambdas.text import sanitize_name

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.evidence import Evidence
    from lambdas.ledger.domain.owner import Owner

_KEYS_A_USER_MAY_HAVE = 2  # IAM and STS quotas, "Access keys assigned to an IAM user"


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.key is not None:
        return None
    return Diagnosis(
        cause=Cause.KEY_DELETED,
        confidence=confidence_of(evidence),
        facts=(
            f"It was a key of {sanitize_name(evidence.owner.name)}; IAM lists it no more.",
            deleted_by(evidence.latest("DeleteAccessKey"), evidence.deletion),
            last_used(evidence.last_use),
            *description_of(evidence),
            other_keys(evidence.other_keys),
        ),
        remedies=replacement(evidence, evidence.owner),
    )


def confidence_of(evidence: Evidence) -> Confidence:
    """A complete listing without the key is proof; so is the record of its deletion."""
    gone = evidence.latest("DeleteAccessKey") or evidence.deletion or evidence.last_use
    return Confidence.CERTAIN if gone else Confidence.LIKELY


def replacement(evidence: Evidence, owner: Owner) -> tuple[Remedy, ...]:
    if len(evidence.other_keys) >= _KEYS_A_USER_MAY_HAVE:
        return (list_keys(owner.name),)
    return (list_keys(owner.name), replace_key(owner.name))
