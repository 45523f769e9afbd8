"""How CloudWatch finds the state of an alarm from data points, of which some are missing.

Nothing here depends on the emulator: the tests evaluate the alarms of the templates with it too.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

OK, ALARM, NO_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
# CloudWatch reads more data points than it needs; how many more is documented for one example, 5 for 3.
EXTRA_PERIODS: Final = 2

Points = Sequence[float | None]  # the newest first, None where data is missing


@dataclass(frozen=True)
class Metric:
    """One metric of an alarm, with its dimensions as JSON: in a template they are references."""

    namespace: str
    name: str
    dimensions: str
    statistic: str
    period: int


@dataclass(frozen=True)
class Condition:
    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str

    @classmethod
    def of(cls, alarm: Mapping[str, Any]) -> Condition:
        """The alarm is as the API and a template have it."""
        periods = int(alarm.get("EvaluationPeriods") or 1)
        return cls(
            comparison=alarm["ComparisonOperator"],
            threshold=float(alarm["Threshold"]),
            periods=periods,
            datapoints=int(alarm.get("DatapointsToAlarm") or periods),
            missing=alarm.get("TreatMissingData") or "missing",
        )

    @property
    def range_length(self) -> int:
        """Of the evaluation range, in periods."""
        return self.periods + EXTRA_PERIODS

    def state(self, points: Points, before: str) -> str:
        """The state after `before`, by the points of the evaluation range."""
        compare = COMPARISONS[self.comparison]
        breaching = [None if point is None else compare(point, self.threshold) for point in points]
        known = [breach for breach in breaching if breach is not None][: self.periods]
        filled = self.periods - len(known) if self.missing == "breaching" else 0
        if known.count(True) + filled >= self.datapoints:
            return ALARM
        if len(known) == self.periods or False in known or self.missing in {"breaching", "notBreaching"}:
            return OK
        return self._state_without_enough_data(breaching, before)

    def _state_without_enough_data(self, breaching: Sequence[bool | None], before: str) -> str:
        if self.missing == "ignore":
            return before
        return ALARM if breaching[-1] else NO_DATA


def metrics_of(alarm: Mapping[str, Any]) -> dict[str, Metric]:
    """By the id that an expression uses."""
    if not alarm.get("Metrics"):
        return {"metric": _metric(alarm, alarm.get("Statistic") or "Average", int(alarm["Period"]))}
    statistics = {query["Id"]: query["MetricStat"] for query in alarm["Metrics"] if "MetricStat" in query}
    return {
        name: _metric(stat["Metric"], stat["Stat"], int(stat["Period"])) for name, stat in statistics.items()
    }


def _metric(described: Mapping[str, Any], statistic: str, period: int) -> Metric:
    dimensions = json.dumps(described.get("Dimensions") or [], sort_keys=True)
    return Metric(described["Namespace"], described["MetricName"], dimensions, statistic, period)


def expression_of(alarm: Mapping[str, Any]) -> str:
    expressions = [query["Expression"] for query in alarm.get("Metrics") or [] if query.get("Expression")]
    return str(expressions[0]) if expressions else "metric"
