"""Prints the results of a storm beside their limits, and the cost of its events."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from rich.table import Table

from bench.storm.cost import cost_lines
from bench.storm.records import COUNTING
from bench.storm.verdict import dollars_a_million, figures
from bench.style import beside_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from bench.storm.prices import Price
    from bench.storm.sample import StormSample

_NOTES = """\
The events are put into the signal queue of the stack on the local AWS, which hands them to the function in
batches of up to 100 messages or 1 s, 5 at a time. The keys are by turns inactive, deleted and unknown.
"Writes that count" are those that add to an incident's count, or open it: one for each key of each batch.
Of other writes it is the most of any key: what opens a diagnosis or settles it, and new callers.
Some messages come again after they were worked off, as a standard queue may deliver them; they are counted
twice. Lost is what was sent and never worked off, or worked off and not counted; without reason, what was
counted and not worked off. A message is put back when no time was left for its key, or another worker was
opening its incident, and then it was not counted. It is after it was counted only where a worker at the key
judges less telling signals, and in these storms all tell the same. The queue gives a message up after 10
deliveries.
Where a call of the function is said to take some time, it does so as on AWS, and what is put back comes again
after 31 s instead of 181. The function may take 30 s for a batch. Its workers were started before.
"""
_COST_NOTES = """\
List prices of us-east-1, read on 2026-11-21 (bench/storm/prices.py says where), without free tiers. All of
the storm is scaled to a million events, the first diagnosis of each key with it. Free of charge: the rule on
CloudTrail's events on the default bus, and CloudTrail's event history. A trail is not the remediator's. What
is paid without a storm is not in it: idle polls of the queues, the timers, alarms and keys.
"""


def print_storms(console: Console, samples: Sequence[StormSample]) -> None:
    table = Table("", *(sample.storm.name for sample in samples))
    heads = [figure.what.partition(": ")[2] for figure in figures(samples[0])]
    for head in heads:
        table.add_row(head, *(_shown(sample, head) for sample in samples))
    table.add_section()
    facts = [_facts(sample) for sample in samples]
    for name in facts[0]:
        table.add_row(name, *(fact[name] for fact in facts))
    console.print(table)
    console.print(_NOTES)


def print_cost(console: Console, sample: StormSample) -> None:
    table = Table(f"{sample.storm.name}, a million of them", "amount", "price", "dollars", "")
    for column in table.columns[1:4]:
        column.justify = "right"
    for line in cost_lines(sample):
        amount, dollars = f"{line.amount:,.0f}", f"{line.dollars:.4f}"
        table.add_row(line.what, amount, _price(line.price), dollars, line.how)
    table.add_section()
    table.add_row("all", "", "", f"{dollars_a_million(sample):.4f}", "")
    console.print(table)
    console.print(_COST_NOTES)


def _shown(sample: StormSample, head: str) -> str | Text:
    by_head = {figure.what.partition(": ")[2]: figure for figure in figures(sample)}
    return beside_limit(by_head[head], ",.10g") if head in by_head else "-"


def _facts(sample: StormSample) -> dict[str, str]:
    records = sample.records
    done, refused = records.writes(), records.writes(done=False)
    beyond = {kind: number for kind, number in sorted(done.items()) if kind != COUNTING}
    return {
        "counted": f"{sample.counts.total():,}",
        "of these twice, as they came again": f"{sample.counted_twice:,} of {sample.came_again:,}",
        "messages put back": f"{sample.put_back.total():,}",
        "alerts": f"{sample.alerts.total():,}",
        "writes beyond counting": ", ".join(f"{kind} {number:,}" for kind, number in beyond.items()),
        "writes refused by their condition": f"{refused.total():,}",
        "reads": f"{sum(call.is_read for call in records.calls):,}",
        "batches": f"{len(records.batches):,}",
        "messages a batch": f"{records.deliveries.total() / len(records.batches):.1f}",
        "seconds a batch, median": f"{median(sample.log.milliseconds) / 1000:.2f}",
        "events a second": f"{sample.events_a_second:.0f}",
    }


def _price(price: Price) -> str:
    dollars = f"{price.dollars:.10f}".rstrip("0").rstrip(".")
    return f"{dollars} for {price.per:,} {price.unit}" if price.per > 1 else f"{dollars} a {price.unit}"
