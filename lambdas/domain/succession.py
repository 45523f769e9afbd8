"""Which other key of the owner has taken the refused one's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.evidence import Successor

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.domain.evidence import Evidence, LastUse, ListedKey


def candidates(evidence: Evidence) -> list[ListedKey]:
    """The owner's active keys that are newer than the refused one, the newest first; none while
    nothing tells how old the refused one is.
    """
    born = _born(evidence)
    newer = [key for key in evidence.other_keys if key.is_active and born and key.created_at > born]
    return sorted(newer, key=lambda key: key.created_at, reverse=True)


def successor(evidence: Evidence, candidate: ListedKey, use: LastUse | None) -> Successor | None:
    """The candidate, if it has been used since the refused key was switched off or last used."""
    end = _end(evidence)
    if use is None or (end is not None and use.at < end):
        return None
    return Successor(access_key_id=candidate.access_key_id, created_at=candidate.created_at, used=use)


def _born(evidence: Evidence) -> datetime | None:
    """Its creation, or the earliest moment at which it is known to have existed."""
    if evidence.key is not None:
        return evidence.key.created_at
    known = [change.at for change in evidence.history]
    if evidence.last_use is not None:
        known.append(evidence.last_use.at)
    return min(known, default=None)


def _end(evidence: Evidence) -> datetime | None:
    """When it was switched off, else its last good use. IAM rounds last uses down to a quarter of an
    hour on AWS, so a use shortly after the end can seem to lie before it: that errs towards silence.
    """
    ends = (evidence.latest("DeleteAccessKey"), evidence.latest("UpdateAccessKey", "Inactive"))
    at = max((change.at for change in ends if change is not None), default=None)
    if at is None and evidence.last_use is not None:
        return evidence.last_use.at
    return at
