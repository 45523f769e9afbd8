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
    """Whether a newer key whose last use is `use` has been used since the rejected key ended. In a predicted
    outage that has just happened, so the rejected key's last use counts instead.
    """
    end = _last_use_at(evidence) if is_predicted else _ended_at(evidence)
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


def _ended_at(evidence: Evidence) -> datetime | None:
    """When the key was deactivated or deleted, else its last successful use. IAM reports last uses to a
    quarter of an hour, rounded down, so a successor used shortly after that may be missed, but none is found
    wrongly.
    """
    ends = (evidence.latest(DELETE_KEY), evidence.latest(UPDATE_KEY, "Inactive"))
    at = max((change.at for change in ends if change is not None), default=None)
    return at or _last_use_at(evidence)


def _last_use_at(evidence: Evidence) -> datetime | None:
    return evidence.last_use.at if evidence.last_use else None
