"""Counts refusals of one kind, so that a rotation that is refused every few hours is reported once a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_REPORTED_EVERY = timedelta(days=1)
_MAX_TOKENS = 20


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The last refusals of a secret's rotations, all for the same reason."""

    digest: str  # of the reason
    since: datetime
    token: str  # of the last rotation whose refusal was reported
    reported_at: datetime
    repeated: tuple[str, ...] = ()  # tokens of the last rotations whose refusal is only counted
    count: int = 1  # of rotations

    def covers(self, token: str) -> bool:
        return token == self.token or token in self.repeated


def count_refusal(known: Refusal | None, digest: str, token: str, now: datetime) -> Refusal:
    """All attempts of a rotation are one refusal."""
    if known is None or known.digest != digest:
        return Refusal(digest=digest, since=now, token=token, reported_at=now)
    if known.covers(token):
        return known
    counted = replace(known, count=known.count + 1)
    if now >= known.reported_at + _REPORTED_EVERY:
        return replace(counted, token=token, reported_at=now)
    return replace(counted, repeated=(*known.repeated, token)[-_MAX_TOKENS:])
