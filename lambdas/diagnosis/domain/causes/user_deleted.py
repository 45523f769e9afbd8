"""The key's owner itself is gone: the user was deleted, and its keys with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.wording import last_used
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes.key_deleted import confidence_of
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import make_user_anew, replace_key
from lambdas.diagnosis.domain.wording import deleted_by, description_of
from lambdas.text import sanitize, sanitize_name

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case, Remedy
    from lambdas.diagnosis.domain.evidence import Evidence
    from lambdas.ledger.domain.owner import Owner

_TAGS_SHOWN = 5


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.owner.exists or evidence.key is not None:
        return None
    return Diagnosis(
        cause=Cause.USER_DELETED,
        confidence=Confidence.CERTAIN if evidence.owner.deletion else confidence_of(evidence),
        facts=facts(evidence, evidence.owner),
        remedies=remedies(evidence.owner),
    )


def facts(evidence: Evidence, owner: Owner) -> tuple[str, ...]:
    """Without a record of it, the user may as well bear another name now."""
    gone = _how_it_is_gone(owner)
    key_deletion = evidence.latest("DeleteAccessKey")
    return (
        f"It was a key of {sanitize_name(owner.name)}, {gone}.",
        deleted_by(None, owner.deletion, "the user"),
        *((deleted_by(key_deletion, None, "the key"),) if key_deletion else ()),
        last_used(evidence.last_use),
        *description_of(evidence),
        *_tags(owner),
    )


def _how_it_is_gone(owner: Owner) -> str:
    if owner.name_is_taken:
        return "who is gone; another user has the name now"
    return "who is gone" if owner.deletion else "a name that no user has now: deleted, or renamed"


def remedies(owner: Owner) -> tuple[Remedy, ...]:
    """Nothing where somebody else bears the name by now."""
    return () if owner.name_is_taken else (make_user_anew(owner.name), replace_key(owner.name))


def _tags(owner: Owner) -> tuple[str, ...]:
    shown = sorted(owner.tags.items())[:_TAGS_SHOWN]
    listed = ", ".join(f"{sanitize(name, 64)}={sanitize(value, 64)}" for name, value in shown)
    left = len(owner.tags) - len(shown)
    more = f" and {left} more" if left else ""
    return (f"The user's tags were: {listed}{more}.",) if listed else ()
