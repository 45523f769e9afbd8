"""A value as observed at a moment, merged so that the latest observation wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

Value = TypeVar("Value", str, "str | None")


@dataclass(frozen=True, kw_only=True)
class Observed(Generic[Value]):
    """CloudTrail's times are whole seconds, so two records of one second may contradict each other."""

    value: Value
    at: datetime
    by: str = ""  # who set the value; empty if it comes from a listing
    confirmed: bool = False  # by IAM after a conflict; wins over records of the same second
    conflicting: bool = False  # records of the same second have other values, and IAM has not been asked

    @property
    def rank(self) -> tuple[datetime, bool]:
        return self.at, self.confirmed


def latest(one: Observed[Value] | None, other: Observed[Value] | None) -> Observed[Value] | None:
    if one is None or other is None:
        return one or other
    if one.rank != other.rank:
        return max(one, other, key=lambda observed: observed.rank)
    chosen = max(one, other, key=lambda observed: (observed.value or "", observed.by))
    conflicting = one.conflicting or other.conflicting or one.value != other.value
    return replace(chosen, conflicting=conflicting and not chosen.confirmed)


def latest_by_name(
    one: Mapping[str, Observed[Value]], other: Mapping[str, Observed[Value]]
) -> dict[str, Observed[Value]]:
    both = {name: latest(one.get(name), other.get(name)) for name in sorted({*one, *other})}
    return {name: observed for name, observed in both.items() if observed is not None}
