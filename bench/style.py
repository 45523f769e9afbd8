"""The format of figures."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.figure import Figure


def with_limit(figure: Figure, form: str) -> Text:
    relation, style = ("≤", "green") if figure.is_met else (">", "bold red")
    return Text(f"{figure.measured:{form}} {relation} {figure.limit:g}", style)


def spread(values: Sequence[float], digits: int) -> list[str]:
    return [f"{value:.{digits}f}" for value in (median(values), min(values), max(values))]
