"""AWS rejected the key, but what would say why could not be read."""

from __future__ import annotations

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.aws.domain.iam_events import DELETE_KEY
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.remedies import FIX_THE_SOURCE, list_keys
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.domain.wording import describe_latest_change


def diagnose(case: Case) -> Diagnosis | None:
    """Where nothing shows whether the key exists: an unread listing shows no key, like a complete one."""
    evidence = case.evidence
    if evidence.key is not None or not case.signal.has_usable_id or not _key_is_unread(case):
        return None
    is_foreign = decode_account(case.signal.access_key_id) not in {None, case.deployment.account}
    if is_foreign and evidence.owner is None:  # the id says enough
        return None
    return Diagnosis(
        cause=Cause.UNKNOWN_KEY,
        confidence=Confidence.POSSIBLE,
        facts=(
            "AWS says that it rejected the credentials. Why is not known, because it could not be read.",
            *describe_latest_change(evidence),
        ),
        remedies=_remedies(case),
    )


def _key_is_unread(case: Case) -> bool:
    evidence = case.evidence
    is_deleted = evidence.latest(DELETE_KEY) is not None
    return evidence.is_unread(Source.LISTING) or (evidence.is_unread(Source.KEY) and not is_deleted)


def _remedies(case: Case) -> tuple[Remedy, ...]:
    owner = case.evidence.owner
    return (list_keys(owner.name),) if owner and not owner.name_is_taken else FIX_THE_SOURCE
