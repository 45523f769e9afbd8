"""A key in use was deactivated, deleted, or deleted with its user. No call is known to have failed yet."""

from __future__ import annotations

from lambdas.aws.domain.iam_events import UPDATE_KEY
from lambdas.aws.domain.wording import describe_usage, moment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes import user_deleted
from lambdas.diagnosis.domain.causes.key_deleted import replacement_remedies
from lambdas.diagnosis.domain.causes.key_inactive import reactivation
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.evidence import Evidence, OwnRotation, Successor
from lambdas.diagnosis.domain.remedies import contain_new_key, list_keys, list_recent_calls
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.domain.wording import (
    describe_last_use,
    describe_leak,
    list_other_keys,
    quote_description,
)
from lambdas.text import sanitize, sanitize_source

_ONLY_TESTED = "CloudTrail's event history has no calls with it but those by which a rotation tested it."


def diagnose_user_deleted(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.owner.exists or evidence.key is not None:
        return None
    facts = (*user_deleted.facts(evidence, evidence.owner), *_affected_callers(evidence))
    return _diagnosis(
        Cause.USER_DELETED_IN_USE, tuple(dict.fromkeys(facts)), user_deleted.remedies(evidence.owner)
    )


def diagnose_deleted(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or evidence.key is not None or _may_still_exist(case):
        return None
    facts = (
        *_affected_callers(evidence),
        *_replacement_facts(evidence, "deleted"),
        "A deleted key cannot be restored.",
    )
    has_another = evidence.has_leaked or evidence.own_rotation is not None  # a leaked key is not replaced
    listing = (list_keys(evidence.owner.name),)
    remedies = listing if has_another else replacement_remedies(evidence, evidence.owner)
    return _diagnosis(Cause.DELETED_IN_USE, facts, (*_containment(evidence), *remedies))


def diagnose_deactivated(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or not (_is_inactive(evidence) or _may_still_exist(case)):
        return None
    facts = (*_affected_callers(evidence), *_replacement_facts(evidence, "deactivated"))
    leaked = evidence.has_leaked  # a leaked key must not be reactivated
    undo = () if leaked else (reactivation(evidence, evidence.owner, case.signal.access_key_id),)
    remedies = (*_containment(evidence), *undo, list_keys(evidence.owner.name))
    return _diagnosis(Cause.DEACTIVATED_IN_USE, facts, remedies)


def _is_inactive(evidence: Evidence) -> bool:
    return evidence.key is not None and not evidence.key.is_active


def _may_still_exist(case: Case) -> bool:
    """The record says only that it was deactivated, and whether IAM lists it could not be read."""
    change, evidence = case.signal.predicted_outage, case.evidence
    is_deactivation = change is not None and change.event_name == UPDATE_KEY
    return is_deactivation and evidence.key is None and evidence.is_unread(Source.LISTING)


def _diagnosis(cause: Cause, facts: tuple[str, ...], remedies: tuple[Remedy, ...]) -> Diagnosis:
    return Diagnosis(cause=cause, confidence=Confidence.CERTAIN, facts=facts, remedies=remedies)


def _affected_callers(evidence: Evidence) -> tuple[str, ...]:
    callers = (_ONLY_TESTED,) if evidence.only_own_tests else describe_usage(evidence.usage, "Will fail")
    return (*describe_last_use(evidence), *callers, *quote_description(evidence))


def _replacement_facts(evidence: Evidence, done: str) -> tuple[str, ...]:
    if evidence.has_leaked:
        return (f"{describe_leak(evidence, 'the owner')} Do not reactivate or replace it.",)
    if evidence.successor:
        return (_replaced_by(evidence.successor),)
    if evidence.own_rotation:
        return _rotated_by_owner(evidence.own_rotation, done)
    if evidence.is_unread(Source.LISTING):
        return ()
    others = list_other_keys(evidence.other_keys)
    return (others if evidence.is_unread(Source.SUCCESSOR) else f"{others} No other key has replaced it.",)


def _containment(evidence: Evidence) -> tuple[Remedy, ...]:
    """Of a new key that a thief may have made."""
    rotation, owner = evidence.own_rotation, evidence.owner
    if rotation is None or rotation.is_ordinary or owner is None:
        return ()
    new = rotation.access_key_id
    return (list_recent_calls(new), contain_new_key(owner.name, new))


def _rotated_by_owner(rotation: OwnRotation, done: str) -> tuple[str, ...]:
    created = (
        f"{sanitize(rotation.by)} created {rotation.access_key_id} at {moment(rotation.created_at)}"
        f" from {sanitize_source(rotation.source)}"
    )
    if rotation.by_automation:
        return (f"{created}. It is a listed automation: this looks like an ordinary rotation.",)
    if rotation.from_known_source:
        return (f"{created}, where calls with this key came from before: the owner rotates its own key.",)
    ended = f"and {done} itself" if rotation.ended_by_owner else f"and a listed automation {done} this one"
    return (
        f"The owner's key made a key {ended}: {created}.",
        (
            "No call with this key is known to have come from there more than a day before it. A program that"
            " rotates its own key does this, and so does a thief who has the key: ask the owner."
        ),
    )


def _replaced_by(successor: Successor) -> str:
    used = successor.last_use
    return (
        f"The owner's newer key {successor.access_key_id} was last used with {sanitize(used.service)}"
        f" in {sanitize(used.region)} at {moment(used.at)}, not before this key's last use."
        " This looks like an ordinary rotation."
    )
