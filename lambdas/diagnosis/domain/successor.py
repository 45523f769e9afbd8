"""Which other key of the owner has taken the refused one's place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.evidence import Successor
from lambdas.diagnosis.domain.wording import HISTORY_DAYS

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.iam import LastUse, ListedKey
    from lambdas.diagnosis.domain.evidence import Evidence


def candidates(evidence: Evidence, occurred_at: datetime) -> list[ListedKey]:
    """The owner's active keys that are provably newer than the refused one, the newest first."""
    born = _born(evidence, occurred_at)
    newer = [key for key in evidence.other_keys if key.is_active and key.created_at > born]
    return sorted(newer, key=lambda key: key.created_at, reverse=True)


def successor(
    evidence: Evidence, candidate: ListedKey, use: LastUse | None, *, foreseen: bool = False
) -> Successor | None:
    """The candidate, if it has been used since the refused key was switched off; where that has only
    just happened (`foreseen`), since it was last used.
    """
    end = _last_use(evidence) if foreseen else _end(evidence)
    if use is None or (end is not None and use.at < end):
        return None
    return Successor(access_key_id=candidate.access_key_id, created_at=candidate.created_at, used=use)


def _born(evidence: Evidence, occurred_at: datetime) -> datetime:
    """Its creation, or the earliest moment at which it is known to have existed. A key whose creation is
    not on record is older than the record, that is, than CloudTrail's history.
    """
    if evidence.key is not None:
        return evidence.key.created_at
    known = [change.at for change in evidence.history]
    if evidence.last_use is not None:
        known.append(evidence.last_use.at)
    if evidence.latest("CreateAccessKey") is None:
        known.append(occurred_at - timedelta(days=HISTORY_DAYS))
    return min(known)


def _end(evidence: Evidence) -> datetime | None:
    """When it was switched off, else its last good use. IAM rounds last uses down to a quarter of an
    hour on AWS, so a use shortly after the end can seem to lie before it: that errs towards silence.
    """
    ends = (evidence.latest("DeleteAccessKey"), evidence.latest("UpdateAccessKey", "Inactive"))
    at = max((change.at for change in ends if change is not None), default=None)
    return at or _last_use(evidence)


def _last_use(evidence: Evidence) -> datetime | None:
    return evidence.last_use.at if evidence.last_use else None
