"""An event in the life of a key or a user, at a known moment or between two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """A record has the exact moment, so `after` and `until` are equal. A listing only shows that something
    has happened since the last observation.
    """

    until: datetime
    after: datetime | None = None  # None if unknown
    by: str | None = None  # who did it; None if no record has it

    @property
    def is_recorded(self) -> bool:
        return self.by is not None

    def is_explained_by(self, record: Occurrence) -> bool:
        """Whether this was found by a listing and may be what `record` reports."""
        return record.is_recorded and not self.is_recorded and self._spans(record.until)

    def _spans(self, moment: datetime) -> bool:
        return moment <= self.until and (self.after is None or self.after <= moment)


def recorded(at: datetime, by: str) -> Occurrence:
    return Occurrence(until=at, after=at, by=by)


def merge_unique(occurrences: Iterable[Occurrence]) -> Occurrence | None:
    """For an event that can happen only once: the first record, or else the last listing that found it."""
    known = sorted(occurrences, key=_order)
    return next((it for it in known if it.is_recorded), None) or next(reversed(known), None)


def merge_repeatable(occurrences: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """For an event that can happen repeatedly: drops what a listing found if a record explains it."""
    known = set(occurrences)
    explained = {it for it in known if any(it.is_explained_by(record) for record in known)}
    return tuple(sorted(known - explained, key=_order))


def _order(it: Occurrence) -> tuple[datetime, bool, datetime, str]:
    return it.until, it.after is not None, it.after or it.until, it.by or ""
