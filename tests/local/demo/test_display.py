from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from local.demo.__main__ import EXAMPLES
from local.demo.blocked_rotations import BLOCKED_ROTATIONS, BUDGET, KILL_SWITCH
from local.demo.display import LEGEND, Display
from local.demo.predictions import OUTAGES
from local.demo.rotations import APPROVAL, FAIL_OVER, ROTATION
from local.demo.scenarios import SCENARIOS
from tests.local.demo.outcomes import a_failure, a_prediction, an_alert, an_outcome, without_an_alert

FOLDER = ".local/demo/alerts"


def a_display(*, is_verbose: bool = False) -> Display:
    console = Console(file=io.StringIO(), width=140, highlight=False)
    return Display(console, {"inactive key, STS call": "A cause"}, is_verbose=is_verbose)


def printed(display: Display) -> str:
    assert isinstance(display.console.file, io.StringIO)
    return display.console.file.getvalue()


def lines_of(display: Display) -> list[str]:
    return [line.rstrip() for line in printed(display).splitlines() if re.match(r" ?\d+/", line)]


def test_a_scenario_is_a_line_with_its_result_delay_name_cause_and_decision() -> None:
    display = a_display()
    display.show(an_outcome(), total=35)
    assert lines_of(display) == [
        " 1/35  ok      alert after 1.6 s  inactive key, STS call → key-inactive: notify"
    ]


def test_the_first_line_comes_after_an_explanation_of_the_lines() -> None:
    display = a_display()
    for _ in range(2):
        display.show(an_outcome(), total=2)
    assert printed(display).startswith(LEGEND)
    assert printed(display).count(LEGEND) == 1


def test_a_prediction_is_a_line_with_both_causes() -> None:
    display = a_display()
    display.show(a_prediction(), total=35)
    [line] = lines_of(display)
    assert line.endswith("key in use deleted → deleted-in-use, then key-deleted: notify")


def test_the_line_of_a_scenario_without_an_alert_says_so() -> None:
    display = a_display()
    display.show(without_an_alert(), total=35)
    [line] = lines_of(display)
    assert line.split(maxsplit=2) == ["1/35", "ok", "no alert           healthy key → no alert: suppress"]


def test_a_failed_scenario_is_followed_by_its_problems() -> None:
    display = a_display()
    display.show(a_failure(), total=35)
    *_, line, first, second = printed(display).rstrip().splitlines()
    assert "FAILED" in line
    assert [first.strip(), second.strip()] == [*a_failure().problems]


def test_no_alert_is_printed_as_it_arrives_unless_the_demo_is_verbose() -> None:
    quiet, verbose = a_display(), a_display(is_verbose=True)
    for display in (quiet, verbose):
        display.show(a_prediction(), total=35)
    assert "Subject:" not in printed(quiet)
    assert "Subject: [high] deleted-in-use: app-1" in printed(verbose)
    assert "Subject: [high] key-deleted: app-1" in printed(verbose)


def test_the_examples_are_printed_in_full_before_the_table() -> None:
    display = a_display()
    display.show(an_outcome(), total=2)
    display.show(a_prediction(), total=2)
    display.summarize(FOLDER)
    _, examples, table = re.split("Three of the alerts|seconds to the alert", printed(display))
    assert "A cause" in examples
    assert "An application calls STS with a key that was deactivated." in examples
    assert "Expected: cause key-inactive, decision notify, within 5 s" in examples
    assert "sts GetCallerIdentity" in examples
    assert "deleted-in-use" not in examples
    assert "Subject:" not in table


def test_a_verbose_demo_prints_no_alert_twice() -> None:
    display = a_display(is_verbose=True)
    display.show(an_outcome(), total=1)
    display.summarize(FOLDER)
    assert printed(display).count("Subject:") == 1


def test_the_table_has_a_row_for_each_scenario() -> None:
    display = a_display()
    for outcome in (a_prediction(), without_an_alert()):
        display.show(outcome, total=2)
    display.summarize(FOLDER)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed(display).splitlines()]
    causes = "deleted-in-use, then key-deleted"
    assert ["key in use deleted", causes, "app-1", "notify", "high", "1.6", "ok"] in rows
    assert ["healthy key", "no alert", "-", "suppress", "-", "-", "ok"] in rows


@pytest.mark.parametrize(("failures", "passed"), [(0, True), (1, False)])
def test_the_end_says_how_many_scenarios_had_the_expected_result(failures: int, passed: bool) -> None:
    display = a_display()
    for outcome in [an_outcome(), *([a_failure()] * failures)]:
        display.show(outcome, total=2)
    assert display.summarize(FOLDER) is passed
    assert f"1 of {1 + failures} scenarios had the expected result." in printed(display)


def test_the_end_says_what_was_observed_and_where_the_alerts_are() -> None:
    display = a_display()
    display.show(an_outcome(note="the application works again"), total=1)
    display.summarize(FOLDER)
    assert "inactive key, STS call: the application works again" in printed(display)
    assert "All alerts are in .local/demo/alerts/, a file for each scenario." in printed(display)


def test_what_an_alert_says_is_no_markup_of_the_console() -> None:
    display = a_display(is_verbose=True)
    display.show(an_outcome(alert=an_alert("[red]key[/red]")), total=1)
    assert "→ [red]key[/red]" in printed(display)


def test_the_demo_shows_a_cause_a_prediction_and_a_rotation_in_full() -> None:
    kinds = [{it.name for it in SCENARIOS}, {it.name for it in OUTAGES}, {ROTATION.name}]
    assert [len(names & EXAMPLES.keys()) for names in kinds] == [1, 1, 1]
    assert len(EXAMPLES) == 3


def test_each_scenario_has_a_name_of_its_own_and_a_description() -> None:
    scenarios: list[Any] = [
        *SCENARIOS,
        *OUTAGES,
        ROTATION,
        APPROVAL,
        FAIL_OVER,
        *BLOCKED_ROTATIONS,
        BUDGET,
        KILL_SWITCH,
    ]
    names = [it.name for it in scenarios]
    assert len(set(names)) == len(names)
    assert all(it.description.endswith(".") for it in scenarios)
