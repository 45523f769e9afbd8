"""Prints each figure with its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bench.events.checks import import_ratios, requests_of
from bench.events.scenarios import ALL, KEYS_IN_THE_LEDGER_FOR_A_USER
from bench.style import spread, with_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from bench.events.checks import Group
    from bench.figure import Figure
    from bench.imports import ImportTimes

_NOTES = f"""\
All events but the repeat are the first of their key. "5 ≤ 6" means 5 requests with a limit of 6, retries
included. AWS calls are requests to all services except DynamoDB and LookupEvents, publishing included.
The ledger has {KEYS_IN_THE_LEDGER_FOR_A_USER} keys for each user. The ledger has a key "of the ledger", and
CloudTrail's history does not; any other deleted or inactive key is only in the history. Reads and writes are
those of incidents and the lease table; the ledger's reads are separate. Near misses of an id take two queries
of the ledger, however many keys it has. A new process reads the exemptions once, a warm one again after half
a minute; when it does depends on the time, so the lists of requests below leave it out.
A transaction is one write, although it puts two items. IAM denies the look-up of an unknown key, as AWS is
reported to do. The time is that of the handler, with moto behind HTTP on loopback. LookupEvents, which moto
does not have, is answered within the process without network time, at two requests a second. It includes the
wait for the turn to send an alert: the events follow each other faster than alerts may.
In a new process the function first creates its clients. A new deployment searches and stores a probe key
once, which is one more write than the limit of a first event.
"""


def print_events(console: Console, groups: Sequence[Group]) -> None:
    table = Table(
        "", "users", "AWS calls", "reads", "writes", "ledger reads", "by query", "exemptions", "LookupEvents"
    )
    for name in ("events", "ms, median", "min", "max"):
        table.add_column(name, justify="right")
    last = max(group.users for group in groups)
    for group in groups:
        table.add_row(*_cells(group), end_section=group.users == last)
    console.print(table)
    console.print(_NOTES)


def print_requests(console: Console, groups: Sequence[Group]) -> None:
    table = Table("", "requests in order, for any number of users and keys", show_lines=True)
    for scenario in ALL:
        for requests in requests_of(scenario, groups):
            names = (_operation(name) for name in requests.names)
            table.add_row(scenario.name, ", ".join(names))
    console.print(table)


def print_imports(console: Console, times: ImportTimes) -> None:
    table = Table("import in a new process", "s, median", "min", "max", "times boto3's")
    table.add_row("boto3 and a client", *spread(times.baseline, 3), "")
    for name, figure in import_ratios(times).items():
        table.add_row(name, *spread(times.handlers[name], 3), with_limit(figure, ".2f"))
    console.print(table)


def print_misses(console: Console, misses: Sequence[Figure]) -> None:
    for figure in misses:
        text = f"Missed: {figure.what}: {figure.measured:g}, at most {figure.limit:g}"
        console.print(Text(text, style="red"))
    if not misses:
        console.print(Text("Every target is met.", style="green"))


def _operation(name: str) -> str:
    service, operation = name.split(".")
    return f"{operation} of the ledger" if service == "ledger" else operation


def _cells(group: Group) -> list[str | Text]:
    counts = [with_limit(figure, "g") for figure in group.figures]
    times = spread(group.milliseconds, 1)
    name = group.scenario.name
    return [name, str(group.users), *counts, str(group.look_ups), str(len(group.samples)), *times]
