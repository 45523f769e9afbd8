"""Prints the cost of a full sync of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from bench.events.scenarios import IAM_CALLS_A_SECOND, SYNC_MEBIBYTES, SYNC_SECONDS
from bench.style import with_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from bench.sync.measurement import SyncSample

_CALLS = ("GetAccountAuthorizationDetails", "ListAccessKeys", "GetAccessKeyLastUsed")
_NOTES = f"""\
The first sync of an empty ledger: of three users one has no key, one has one, one has two; all have tags.
The target of IAM's calls is one for each page of users, one for each user and one for each key.
IAM answers {IAM_CALLS_A_SECOND} calls a second: each takes its share of the function's
{SYNC_SECONDS} s, however fast moto is. A run ends in time, and the next invocation goes on.
Reads and writes are DynamoDB's, of the ledger and of how far the sync is, which is written for each page.
The seconds of runs are at that pace, without DynamoDB's requests, which go on meanwhile. "s here" is the time
measured, with moto's AWS behind HTTP on loopback. The memory is the most of the process that made all runs
and did nothing else; the function has {SYNC_MEBIBYTES} MiB.
"""


def print_syncs(console: Console, samples: Sequence[SyncSample]) -> None:
    table = Table("sync of", "keys", "IAM calls", *(_spaced(name) for name in _CALLS))
    for name in ("reads", "writes", "runs", "s of runs", "longest run"):
        table.add_column(name)
    table.add_column("s here", justify="right")
    table.add_column("MiB", justify="right")
    for sample in samples:
        table.add_row(*_cells(sample))
    console.print(table)
    console.print(_NOTES)


def _cells(sample: SyncSample) -> list[str | Text]:
    requests, runs = sample.requests, sample.runs
    calls, longest, memory = sample.figures
    return [
        f"{sample.account.users} users",
        str(sample.account.keys),
        with_limit(calls, "g"),
        *(str(requests.names.count(f"iam.{name}")) for name in _CALLS),
        str(requests.ledger_reads + requests.reads),
        str(requests.ledger_writes + requests.writes),
        str(len(runs.requests)),
        f"{sum(sample.seconds_of_runs):.1f}",
        with_limit(longest, ".1f"),
        f"{runs.seconds:.0f}",
        with_limit(memory, ".0f"),
    ]


def _spaced(name: str) -> str:
    """Allows a column's heading to wrap between words."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in name).strip()
