"""The metrics of the first day of a healthy deployment, a value for each minute, and the alarms' states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.emulator.gaps.cloudwatch.evaluation import NO_DATA, Condition, Points, expression_of, metrics_of
from local.emulator.gaps.cloudwatch.metric_math import compute

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.emulator.gaps.cloudwatch.evaluation import Metric
    from tests.infra.synthesis import Json

MINUTES = 24 * 60
Series = list[float | None]  # of each minute since the creation; None without data
ROUND_UP = {"Sum": sum, "Maximum": max, "Minimum": min}
NOTHING: Series = [None] * MINUTES


class Day:
    """The metrics of a new queue may begin after 15 minutes (SQS Developer Guide, CloudWatch metrics).
    EventBridge, SNS and the functions' own metrics have no data while nothing fails.
    """

    def __init__(self, *, queue_metrics_begin: int = 0, first_sync_at: int = 20) -> None:
        every_minute: Series = [None, *[1.0] * (MINUTES - 1)]
        hourly = happened_at(*range(60, MINUTES, 60))
        self.runs = {"AlertTimer": every_minute, "SyncKeys": every_minute, "RetireKeys": hourly}
        self.errors: dict[str, Series] = {}
        self.queues: Series = [None if minute < queue_metrics_begin else 0.0 for minute in range(MINUTES)]
        self.own: dict[str, Series] = {"SyncFinished": happened_at(first_sync_at)}
        self.events: dict[str, Series] = {}
        self.dead_letters: Series = NOTHING

    def series(self, metric: Metric) -> Series:
        if metric.namespace == "AWS/Lambda":
            return self._of_function(metric)
        if metric.namespace == "AWS/SQS":
            return self._of_queue(metric)
        known = {"AWS/Events": self.events, "AWS/SNS": self.events, "AccessKeyRemediator": self.own}
        return known[metric.namespace].get(metric.name, NOTHING)

    def _of_function(self, metric: Metric) -> Series:
        """Lambda publishes 0 errors with each run that succeeds."""
        name = next((name for name in {*self.runs, *self.errors} if name in metric.dimensions), "")
        runs = self.runs.get(name, NOTHING)
        if metric.name == "Invocations":
            return runs
        return self.errors.get(name) or [None if run is None else 0.0 for run in runs]

    def _of_queue(self, metric: Metric) -> Series:
        return self.dead_letters if "DeadLetters" in metric.dimensions else self.queues


def happened_at(*minutes: int) -> Series:
    return [1.0 if minute in minutes else None for minute in range(MINUTES)]


def states(alarm: Json, day: Day) -> list[str]:
    """The state in each minute since the alarm was created."""
    condition, expression = Condition.of(alarm), expression_of(alarm)
    metrics = {name: (metric, day.series(metric)) for name, metric in metrics_of(alarm).items()}
    found = [NO_DATA]
    for minute in range(1, MINUTES):
        read = {
            name: _points(metric, of_metric, minute, condition.range_length)
            for name, (metric, of_metric) in metrics.items()
        }
        found.append(condition.state(compute(expression, read), found[-1]))
    return found


def _points(metric: Metric, series: Series, now: int, length: int) -> Points:
    minutes = metric.period // 60
    round_up: Callable[[list[float]], float] = ROUND_UP[metric.statistic]  # type: ignore[assignment] # overloads
    points: Series = []
    for back in range(length):
        end = now - back * minutes
        window = [value for value in series[max(0, end - minutes) : max(0, end)] if value is not None]
        points.append(round_up(window) if window else None)
    return points
