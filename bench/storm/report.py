"""Prints the results of a storm with their limits, and the cost of its events."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from rich.table import Table

from bench.prices import READ_ON
from bench.storm.checks import dollars_a_million, figures
from bench.storm.cost import cost_lines
from bench.storm.records import COUNTING
from bench.style import with_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from bench.prices import Price
    from bench.storm.sample import StormSample

_NOTES = """\
The events are sent to the signal queue of the stack on the local AWS, which passes them to the function in
batches of up to 100 messages or 1 s, 5 at a time. The keys are alternately inactive, deleted and unknown.
"Writes that count" add to an incident's count, or open it: one for each key of each batch. "Other writes" are
the maximum of any key: claims, updates of the incident, and new callers.
Some messages are delivered again after they were processed, as by a standard queue; they are counted twice.
Lost events were never processed, or were processed but not counted; events without reason were counted but
not processed. A message returns to the queue if there was no time left for its key, or another worker was
opening its incident; then it was not counted. It returns after it was counted only if the worker with the
claim evaluates less specific signals, and in these storms all are equally specific. The queue moves a message
to the dead-letter queue after 10 deliveries.
If a call of the function takes some time, as on AWS, a returned message is delivered again after 31 s instead
of 181. The function may take 30 s for a batch. Its workers were started before.
"""
_COST_NOTES = f"""\
List prices of us-east-1, read on {READ_ON} (for the sources see bench/prices.py), without free tiers.
The whole storm is scaled to a million events, including the first diagnosis of each key. Free of charge: the
rule on CloudTrail's events on the default bus, and CloudTrail's event history. Not included: a trail, which
is not part of the remediator, and costs without a storm, such as idle polls, timers, alarms and keys.
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
    return with_limit(by_head[head], ",.10g") if head in by_head else "-"


def _facts(sample: StormSample) -> dict[str, str]:
    records = sample.records
    done, refused = records.writes(), records.writes(done=False)
    beyond = {kind: number for kind, number in sorted(done.items()) if kind != COUNTING}
    return {
        "counted": f"{sample.counts.total():,}",
        "of these twice, as they came again": f"{sample.counted_twice:,} of {sample.redelivered:,}",
        "messages put back": f"{sample.returned.total():,}",
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
