"""Prints the results of a flood with their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from bench.style import with_limit

if TYPE_CHECKING:
    from rich.console import Console

    from bench.flood.sample import FloodSample

_NOTES = """\
Every call has another id, which no key has; one in two names another account. They are sent as fast as the
local AWS accepts them. Meanwhile calls with inactive keys are refused, and keys in use are deactivated, one
every 10 s. Incidents close after a minute instead of 6 hours. Closings are not counted among the alerts.
"""


def print_flood(console: Console, sample: FloodSample) -> None:
    table = Table("", f"flood of {sample.flood.name}")
    for figure in sample.figures:
        table.add_row(figure.what.partition(": ")[2], with_limit(figure, ",.10g"))
    table.add_section()
    for name, fact in sample.facts.items():
        table.add_row(name, fact)
    console.print(table)
    for alert in sample.about_unknown_ids:
        console.print(f"{alert.at - sample.began:6.0f} s {alert.subject}", markup=False, highlight=False)
    console.print(_NOTES)
