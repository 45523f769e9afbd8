"""The states of alarms are those of the tables in the CloudWatch user guide."""

from __future__ import annotations

import pytest

from local.emulator.gaps.cloudwatch.evaluation import ALARM, NO_DATA, OK, Condition
from local.emulator.gaps.cloudwatch.metric_math import compute

BEFORE = "as before"
# "0" is within the threshold, "X" breaches it, "-" is missing; the newest is at the right. The states are for
# missing, ignore, breaching, notBreaching.
THREE_OF_THREE = {
    "0-X-X": (OK, OK, OK, OK),
    "0----": (OK, OK, OK, OK),
    "-----": (NO_DATA, BEFORE, ALARM, OK),
    "0XX-X": (ALARM, ALARM, ALARM, ALARM),
    "----X": (NO_DATA, BEFORE, ALARM, OK),
    "X----": (ALARM, BEFORE, ALARM, OK),
}
TWO_OF_THREE = {
    "0-X-X": (ALARM, ALARM, ALARM, ALARM),
    "00X0X": (ALARM, ALARM, ALARM, ALARM),
    "0-X--": (OK, OK, ALARM, OK),
    "----0": (OK, OK, ALARM, OK),
    "----X": (NO_DATA, BEFORE, ALARM, OK),
}
VALUES = {"0": 0.0, "X": 1.0, "-": None}
ROWS = [(3, *row) for row in THREE_OF_THREE.items()] + [(2, *row) for row in TWO_OF_THREE.items()]


@pytest.mark.parametrize(("datapoints", "points", "states"), ROWS)
def test_missing_data_counts_as_the_user_guide_says(
    datapoints: int, points: str, states: tuple[str, ...]
) -> None:
    found = []
    for missing in ("missing", "ignore", "breaching", "notBreaching"):
        condition = Condition("GreaterThanOrEqualToThreshold", 1, 3, datapoints, missing)
        found.append(condition.state([VALUES[point] for point in reversed(points)], BEFORE))
    assert (*found,) == states


def test_the_evaluation_range_is_that_of_the_example_in_the_user_guide() -> None:
    assert Condition("GreaterThanThreshold", 1, 3, 3, "missing").range_length == len("0-X-X")


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("a + b", [3.0, 1.0, 2.0, None]),
        ("a - b", [-1.0, 1.0, -2.0, None]),
        ("a + 0 * b", [1.0, 1.0, 0.0, None]),
        ("(a > 0) + (b > 2)", [1.0, 1.0, 0.0, None]),
    ],
)
def test_in_metric_math_a_missing_value_is_0_where_another_series_has_one(
    expression: str, values: list[float | None]
) -> None:
    assert compute(expression, {"a": [1.0, 1.0, None, None], "b": [2.0, None, 2.0, None]}) == values
