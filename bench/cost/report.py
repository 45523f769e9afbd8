"""The tables of docs/cost.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import prices
from bench.cost.deployment import ANOTHER, default_template, templates
from bench.cost.idle import HOURS, idle_lines
from bench.cost.scale import MILLION_FAILURES_DOLLARS, USERS, second_trail, sync_lines
from infra.config.application_logs import ApplicationLogsConfig
from infra.config.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.cost_line import CostLine


def idle() -> list[CostLine]:
    """Of the default configuration in IAM's home region."""
    return idle_lines(default_template(), syncs=_syncs())


def another_region() -> list[CostLine]:
    return idle_lines(templates()[ANOTHER], syncs=0)


def reading_logs() -> float:
    """What the functions and alarms for the logs of applications add, whatever the number of log groups."""
    config = Config(application_logs=ApplicationLogsConfig(log_groups=("web",)))
    return total(idle_lines(default_template(config), syncs=_syncs())) - total(idle())


def report() -> str:
    lines = idle()
    summary = _table(["", "USD"], _summary(lines))
    details = _table(["idle, per month", "amount", "price", "USD", ""], [*_rows(lines), _sum(lines)])
    return f"{summary}\n\n{details}\n"


def _summary(lines: Sequence[CostLine]) -> list[list[str]]:
    sync = total(sync_lines())
    return [
        ["idle, per month", _dollars(total(lines))],
        ["each enrolled user, per month", _dollars(prices.SECRET.dollars)],
        ["a million failures", _dollars(MILLION_FAILURES_DOLLARS)],
        [f"{USERS:,} users with a key each, per month besides", _dollars(sync)],
        ["the same where a second trail is paid", _dollars(sync + second_trail().dollars)],
        ["each further region, per month", _dollars(total(another_region()))],
        ["reading the logs of applications, per month", _dollars(reading_logs())],
        [
            "each of the first two yearly rotations of the KMS key, per month",
            _dollars(prices.KMS_KEY.dollars),
        ],
    ]


def total(lines: Iterable[CostLine]) -> float:
    return sum(line.dollars for line in lines)


def _rows(lines: Iterable[CostLine]) -> list[list[str]]:
    return [[it.what, _amount(it.amount), _price(it), _dollars(it.dollars), it.how] for it in lines]


def _amount(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 1 else f"{amount:.2f}"


def _sum(lines: Sequence[CostLine]) -> list[str]:
    return ["**all**", "", "", f"**{_dollars(total(lines))}**", ""]


def _price(line: CostLine) -> str:
    price = line.price
    number = f"{price.dollars:.10f}".rstrip("0").rstrip(".")
    return f"{number} for {price.per:,} {price.unit}" if price.per > 1 else f"{number} for a {price.unit}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    ruler = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ruler, *rows])


def _dollars(amount: float) -> str:
    return f"{amount:.2f}"


def _syncs() -> float:
    return HOURS * 3600 / Config().sync_interval_seconds
