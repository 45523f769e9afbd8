"""The key's owner was deleted, and its keys with it."""

from __future__ import annotations

from lambdas.aws.domain.iam_events import DELETE_KEY
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes.key_deleted import deletion_confidence
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.remedies import recreate_user, replace_key
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.domain.wording import describe_deletion, describe_last_use, quote_description
from lambdas.ledger.domain.enrolment_tags import OWN_TAGS
from lambdas.ledger.domain.owner import Owner
from lambdas.text import sanitize, sanitize_name


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.owner.exists or evidence.key is not None:
        return None
    return Diagnosis(
        cause=Cause.USER_DELETED,
        confidence=Confidence.CERTAIN if evidence.owner.deletion else deletion_confidence(evidence),
        facts=facts(evidence, evidence.owner),
        remedies=remedies(evidence.owner),
    )


def facts(evidence: Evidence, owner: Owner) -> tuple[str, ...]:
    """Without a record of the deletion, the user may have been renamed instead."""
    gone = _describe_absence(owner)
    key_deletion = evidence.latest(DELETE_KEY)
    return (
        f"It was a key of {sanitize_name(owner.name)}, {gone}.",
        *_describe_user_deletion(evidence, owner),
        *((describe_deletion(key_deletion, None, "the key"),) if key_deletion else ()),
        *describe_last_use(evidence),
        *quote_description(evidence),
        *_tags(owner),
    )


def _describe_user_deletion(evidence: Evidence, owner: Owner) -> tuple[str, ...]:
    if owner.deletion is None and evidence.is_unread(Source.HISTORY, Source.LEDGER):
        return ()
    return (describe_deletion(None, owner.deletion, "the user"),)


def _describe_absence(owner: Owner) -> str:
    if owner.name_is_taken:
        return "a user that no longer exists; another user has the name now"
    if owner.deletion:
        return "a user that no longer exists"
    return "a name that no user has now: the user was deleted or renamed"


def remedies(owner: Owner) -> tuple[Remedy, ...]:
    """None if another user has the name now."""
    return () if owner.name_is_taken else (recreate_user(owner.name), replace_key(owner.name).as_next)


def _tags(owner: Owner) -> tuple[str, ...]:
    """A recreated user needs them again. Descriptions of keys are no help for that."""
    shown = sorted((name, value) for name, value in owner.tags.items() if name in OWN_TAGS)
    listed = ", ".join(f"{sanitize(name, 64)}={sanitize(value, 64)}" for name, value in shown)
    return (f"Its tags for the remediator were: {listed}.",) if listed else ()
