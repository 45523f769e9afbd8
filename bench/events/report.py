"""Prints each figure beside its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bench.events.scenarios import ALL, KEYS_IN_THE_LEDGER_FOR_A_USER
from bench.events.verdict import import_ratio, requests_of
from bench.style import beside_limit, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from bench.events.verdict import Group
    from bench.figure import Figure
    from bench.imports import ImportTimes

_NOTES = f"""\
First events of a key, but for the repeat. "5 ≤ 6": 5 requests where the target is at most 6; retries count.
AWS calls are the requests to every service but DynamoDB, publishing included and LookupEvents apart.
The ledger has {KEYS_IN_THE_LEDGER_FOR_A_USER} keys for each user.
A key "of the ledger" is known to it and not to CloudTrail's history; any other deleted or inactive one only
to the history. Reads and writes are of incidents and what is remembered beside them, the ledger's reads
apart. The near misses of an id are found by two queries of the ledger, however many keys it has. Exemptions
are read once by a new process, and by a warm one again after half a minute; where this comes between the
other requests depends on the time, so the courses below leave it out.
A transaction is one write, though it puts two items. IAM denies the look-up of a key that is not there, as
AWS is reported to. The time is that in the handler, with moto's AWS behind HTTP on loopback; LookupEvents,
which moto has not, is answered within the process and takes no time on the network, but the function keeps
to two requests a second.
In a new process the function first makes its clients. Once in a deployment's life it seeks a key by which to
see that IAM's look-ups work, and remembers it: that is one write more than the target of a first event.
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
    table = Table("", "requests in their order, whatever the number of users and keys", show_lines=True)
    for scenario in ALL:
        for requests in requests_of(scenario, groups):
            names = (_operation(name) for name in requests.names)
            table.add_row(scenario.name, ", ".join(names))
    console.print(table)


def print_imports(console: Console, times: ImportTimes) -> None:
    table = Table("import in a new process", "s, median", "min", "max", "times boto3's")
    table.add_row("boto3 and a client", *spread(times.baseline, 3), "")
    table.add_row("the handler", *spread(times.handler, 3), beside_limit(import_ratio(times), ".2f"))
    console.print(table)


def print_verdict(console: Console, misses: Sequence[Figure]) -> None:
    for figure in misses:
        text = f"Missed: {figure.what}: {figure.measured:g}, at most {figure.limit:g}"
        console.print(Text(text, style="red"))
    if not misses:
        console.print(Text("Every target is met.", style="green"))


def _operation(name: str) -> str:
    service, operation = name.split(".")
    return f"{operation} of the ledger" if service == "ledger" else operation


def _cells(group: Group) -> list[str | Text]:
    counts = [beside_limit(figure, "g") for figure in group.figures]
    times = spread(group.milliseconds, 1)
    name = group.scenario.name
    return [name, str(group.users), *counts, str(group.look_ups), str(len(group.samples)), *times]
