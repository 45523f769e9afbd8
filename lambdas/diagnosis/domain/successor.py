"""Finds the owner's newer key that has replaced the rejected one."""

from __future__ import annotations

from datetime import datetime, timedelta

from lambdas.aws.domain.iam import LastUse, ListedKey
from lambdas.aws.domain.iam_events import CREATE_KEY, DELETE_KEY, UPDATE_KEY
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.domain.wording import HISTORY_DAYS


def newer_active_keys(evidence: Evidence, occurred_at: datetime) -> list[ListedKey]:
    """The owner's active keys that were certainly created after the rejected key, newest first."""
    existed_at = _known_to_exist_at(evidence, occurred_at)
    newer = [key for key in evidence.other_keys if key.is_active and key.created_at > existed_at]
    return sorted(newer, key=lambda key: key.created_at, reverse=True)


def has_taken_over(evidence: Evidence, use: LastUse, *, is_predicted: bool) -> bool:
    """Whether a newer key whose last use is `use` has taken the place of this one. If calls fail, any use is
    enough: IAM's last use is late, and rounded down to a quarter of an hour, so it need not lie after this
    key's end. Before that, the newer key must have been used since this key's last use.
    """
    last_use = evidence.last_use if is_predicted else None
    return last_use is None or use.at >= last_use.at


def was_used_since(evidence: Evidence, use: LastUse) -> bool:
    """Since the key was deactivated or deleted, else since its last use. False for a use in the same quarter
    of an hour.
    """
    ends = (evidence.latest(DELETE_KEY), evidence.latest(UPDATE_KEY, "Inactive"))
    ended_at = max((change.at for change in ends if change is not None), default=None)
    last_used_at = evidence.last_use.at if evidence.last_use else None
    end = ended_at or last_used_at
    return end is None or use.at >= end


def _known_to_exist_at(evidence: Evidence, occurred_at: datetime) -> datetime:
    """The key's creation, or the earliest moment at which it is known to have existed. A key whose creation
    is not in CloudTrail's history was created before that history begins.
    """
    if evidence.key is not None:
        return evidence.key.created_at
    known = [change.at for change in evidence.history]
    if evidence.last_use is not None:
        known.append(evidence.last_use.at)
    if evidence.latest(CREATE_KEY) is None and not evidence.is_unread(Source.HISTORY, Source.LEDGER):
        known.append(occurred_at - timedelta(days=HISTORY_DAYS))
    return min(known, default=occurred_at)
