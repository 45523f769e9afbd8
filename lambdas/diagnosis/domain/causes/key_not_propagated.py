"""The key was created seconds ago and has not reached every AWS endpoint yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam_events import CREATE_KEY, DELETE_KEY
from lambdas.aws.domain.wording import moment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.remedies import WAIT_AND_RETRY
from lambdas.diagnosis.domain.unread import Source

# IAM is eventually consistent. Users measured that 1 call in 100 fails after 5 seconds, and about none after
# 10 (peers, U9). CloudTrail's times are whole seconds.
PROPAGATION = timedelta(seconds=60)


def diagnose(case: Case) -> Diagnosis | None:
    if case.signal.error_class is not ErrorClass.KEY_REJECTED:  # waiting does not fix a wrong signature
        return None
    created_at, listing = _creation(case.evidence)
    if created_at is None or not _is_new(case, created_at):
        return None
    return Diagnosis(
        cause=Cause.KEY_NOT_PROPAGATED,
        confidence=Confidence.LIKELY,
        facts=(
            (f"{listing} It was created at {moment(created_at)}, less than a minute before the call."),
            (
                "Some AWS endpoints reject a new key for some seconds, until it has propagated:"
                " wait and try again."
            ),
        ),
        remedies=(WAIT_AND_RETRY,),
    )


def _creation(evidence: Evidence) -> tuple[datetime | None, str]:
    """None for a key that cannot work, or of which no status is known. A listing may lag behind, too: a key
    without a record of its deletion is not deleted because it is not listed yet.
    """
    if evidence.key:
        return (evidence.key.created_at if evidence.key.is_active else None), "IAM lists the key as Active."
    if evidence.is_unread(Source.LISTING):
        return None, ""
    created, deleted = evidence.latest(CREATE_KEY), evidence.latest(DELETE_KEY) or evidence.deletion
    return (None if deleted or created is None else created.at), "IAM does not list the key yet."


def _is_new(case: Case, created_at: datetime) -> bool:
    """False for a call long before the key's creation: one of the two times must be wrong."""
    return -PROPAGATION < case.signal.occurred_at - created_at < PROPAGATION
