"""Compares the measurements of a storm with their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.figure import Figure
from bench.storm.cost import cost_lines
from bench.storm.scenario import (
    ALERTS_OF_A_KEY,
    BATCH_SECONDS,
    DOLLARS_A_MILLION,
    OTHER_WRITES_OF_A_KEY,
    RECEIVES,
)

if TYPE_CHECKING:
    from bench.storm.sample import StormSample


def dollars_a_million(sample: StormSample) -> float:
    """The cost of a million events like those of the sample."""
    return sum(line.dollars for line in cost_lines(sample))


def figures(sample: StormSample) -> tuple[Figure, ...]:
    where = f"storm of {sample.storm.name}: "
    return tuple(
        Figure(where + what, measured, limit)
        for what, measured, limit in (
            ("writes that count, for keys of batches", sample.counting_writes, sample.keys_of_batches),
            ("other writes of a key", max(sample.records.other_writes().values()), OTHER_WRITES_OF_A_KEY),
            ("alerts of a key", max(sample.alerts.values()), ALERTS_OF_A_KEY),
            ("keys without an alert", len(sample.keys - sample.alerts.keys()), 0),
            ("events lost", sample.lost, 0),
            ("events counted without reason", sample.unexplained, 0),
            ("messages in the dead-letter queue", sample.dead, 0),
            ("messages left in the signal queue", sample.left, 0),
            ("most deliveries of a message", max(sample.records.deliveries.values()), RECEIVES),
            ("seconds of the longest batch", round(sample.longest, 2), BATCH_SECONDS),
            *_figures_of_a_fast_storm(sample),
        )
    )


def _figures_of_a_fast_storm(sample: StormSample) -> list[tuple[str, float, float]]:
    if sample.storm.call_seconds:
        return []  # what it takes is what was chosen
    return [("dollars for a million events", round(dollars_a_million(sample), 4), DOLLARS_A_MILLION)]
