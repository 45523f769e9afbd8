"""Something that befell a key or a user, at a known moment or between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """After `after`, if that is known, and not after `until`. `recorded` says that a record tells the very
    moment (both are the same then) and who it was; a listing can only tell that it has happened.
    """

    until: datetime
    after: datetime | None = None
    by: str = ""
    recorded: bool = False

    def may_be(self, other: Occurrence) -> bool:
        """Whether both can be the same happening, one of them known from a record."""
        return other.recorded and not self.recorded and self._spans(other.until)

    def _spans(self, moment: datetime) -> bool:
        return moment <= self.until and (self.after is None or self.after <= moment)


def recorded(at: datetime, by: str) -> Occurrence:
    return Occurrence(until=at, after=at, by=by, recorded=True)


def one_of(happenings: Iterable[Occurrence]) -> Occurrence | None:
    """What can happen only once: a record tells it best, else the listing that noticed it last."""
    known = sorted(happenings, key=_order)
    told = [it for it in known if it.recorded]
    return told[0] if told else next(reversed(known), None)


def distinct(happenings: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """What can happen repeatedly: what was noticed counts once with the record that explains it."""
    known = set(happenings)
    explained = {it for it in known for record in known if it.may_be(record)}
    return tuple(sorted(known - explained, key=_order))


def _order(it: Occurrence) -> tuple[datetime, bool, datetime, str]:
    return it.until, it.after is not None, it.after or it.until, it.by
