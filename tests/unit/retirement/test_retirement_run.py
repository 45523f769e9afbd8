"""One run of the hourly function after the other, over more secrets than one has time for."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from lambdas.handlers import retire_keys
from lambdas.observability import FAILED_RECORDS, SECRETS_LEFT, metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = [f"access-keys/{number:03}" for number in range(40)]


@dataclass
class Hourly:
    """Each secret takes a second, of the 30 that a run has; 20 are kept for one that takes longer."""

    last: str = ""
    deadly: str = ""
    seen: list[str] = field(default_factory=list)
    counted: dict[str, float] = field(default_factory=dict)
    seconds_left: float = 30.0

    def run(self) -> None:
        self.seconds_left = 30.0
        context = SimpleNamespace(
            get_remaining_time_in_millis=lambda: self.seconds_left * 1000,
            function_name="f",
            memory_limit_in_mb=256,
            invoked_function_arn="a",
            aws_request_id="r",
        )
        retire_keys.handler({}, context)

    def process(self, name: str) -> list[object]:
        self.seen.append(name)
        self.seconds_left -= 1
        if name == self.deadly:
            raise SystemExit
        return []

    def in_order(self, names: Sequence[str]) -> list[str]:
        return sorted(names, key=lambda name: (name <= self.last, name))

    def begin(self, name: str) -> None:
        self.last = name


@pytest.fixture
def hourly(monkeypatch: pytest.MonkeyPatch) -> Hourly:
    it = Hourly()
    function = SimpleNamespace(
        rotations=SimpleNamespace(all_names=lambda: NAMES), retirer=it, notifications=None, round=it
    )
    monkeypatch.setattr(retire_keys, "retire_function", lambda: function)
    add = metrics.add_metric

    def count(name: str, unit: str, value: float) -> None:
        it.counted[name] = value
        add(name=name, unit=unit, value=value)

    monkeypatch.setattr(metrics, "add_metric", count)
    return it


def test_each_run_begins_where_the_last_one_stopped(hourly: Hourly) -> None:
    for _ in range(4):
        hourly.run()
    assert hourly.seen[: len(NAMES)] == NAMES


def test_what_a_run_has_no_time_for_is_counted(hourly: Hourly) -> None:
    hourly.run()
    assert hourly.counted == {FAILED_RECORDS: 0, SECRETS_LEFT: len(NAMES) - len(hourly.seen)}
    assert len(hourly.seen) < len(NAMES)


@pytest.mark.filterwarnings("ignore:No application metrics")
def test_a_secret_on_which_a_run_dies_keeps_no_other_from_its_turn(hourly: Hourly) -> None:
    hourly.deadly = NAMES[5]
    for _ in range(6):
        try:
            hourly.run()
        except SystemExit:
            continue
    assert set(hourly.seen) == set(NAMES)
