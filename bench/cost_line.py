"""A line of a bill: an amount at a list price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.prices import Price


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """`how` explains the amount."""

    what: str
    amount: float
    price: Price
    how: str

    @property
    def dollars(self) -> float:
        return self.amount / self.price.per * self.price.dollars
