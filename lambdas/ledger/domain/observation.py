"""A value as it was at a moment: of several notes of one thing the latest holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Value = TypeVar("Value", str, "str | None")


@dataclass(frozen=True, kw_only=True)
class Observed(Generic[Value]):
    """`by` is who set the value, empty where a listing told it, which cannot name anybody. CloudTrail's
    times are whole seconds, so two records of one second may contradict each other: such a note is
    `disputed` until IAM was asked, whose answer is a note of the same second that is `settled`.
    """

    value: Value
    at: datetime
    by: str = ""
    settled: bool = False
    disputed: bool = False

    @property
    def rank(self) -> tuple[datetime, bool]:
        return self.at, self.settled


def latest(one: Observed[Value] | None, other: Observed[Value] | None) -> Observed[Value] | None:
    if one is None or other is None:
        return one or other
    if one.rank != other.rank:
        return max(one, other, key=lambda noted: noted.rank)
    chosen = max(one, other, key=lambda noted: (noted.value or "", noted.by))
    disputed = one.disputed or other.disputed or one.value != other.value
    return replace(chosen, disputed=disputed and not chosen.settled)


def latest_of_each(
    one: Mapping[str, Observed[Value]], other: Mapping[str, Observed[Value]]
) -> dict[str, Observed[Value]]:
    both = {name: latest(one.get(name), other.get(name)) for name in sorted({*one, *other})}
    return {name: noted for name, noted in both.items() if noted is not None}
