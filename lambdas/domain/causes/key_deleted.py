"""The key was this account's and is gone: IAM still names its user, or CloudTrail's history does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.cause import Cause
from lambdas.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.domain.inert_text import inert_name
from lambdas.domain.remedies import list_keys, replace_key
from lambdas.domain.wording import done_by, last_used, other_keys

if TYPE_CHECKING:
    from lambdas.domain.evidence import Evidence, Owner

_KEYS_A_USER_MAY_HAVE = 2  # IAM and STS quotas, "Access keys assigned to an IAM user"


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.key is not None:
        return None
    return Diagnosis(
        cause=Cause.KEY_DELETED,
        confidence=_confidence(evidence),
        facts=_facts(evidence, evidence.owner),
        remedies=_remedies(evidence, evidence.owner),
    )


def _confidence(evidence: Evidence) -> Confidence:
    """A complete listing without the key is proof; so is the record of its deletion."""
    gone = evidence.latest("DeleteAccessKey") is not None or evidence.last_use is not None
    return Confidence.CERTAIN if gone else Confidence.LIKELY


def _facts(evidence: Evidence, owner: Owner) -> tuple[str, ...]:
    if not owner.exists:
        whose = f"It was a key of {inert_name(owner.name)}, who has been deleted or renamed since."
    else:
        whose = f"It was a key of {inert_name(owner.name)}; IAM lists it no more."
    return (
        whose,
        done_by("deleted", evidence.latest("DeleteAccessKey")),
        last_used(evidence.last_use),
        other_keys(evidence.other_keys),
    )


def _remedies(evidence: Evidence, owner: Owner) -> tuple[Remedy, ...]:
    if not owner.exists:
        return ()
    if len(evidence.other_keys) >= _KEYS_A_USER_MAY_HAVE:
        return (list_keys(owner.name),)
    return (list_keys(owner.name), replace_key(owner.name))
