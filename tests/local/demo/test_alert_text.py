from __future__ import annotations

from typing import TYPE_CHECKING

from local.demo.alert_text import AlertFolder, introduction, text_of_scenario
from tests.local.demo.outcomes import a_failure, a_prediction, an_outcome, without_an_alert

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_begins_with_what_the_scenario_does_and_what_was_expected(tmp_path: Path) -> None:
    path = AlertFolder(tmp_path / "alerts").write(an_outcome())
    assert path.name == "01-inactive-key-sts-call.txt"
    assert path.read_text().splitlines()[:8] == [
        "Scenario: inactive key, STS call",
        "An application calls STS with a key that was deactivated.",
        "Expected: cause key-inactive, decision notify, within 5 s",
        "Result:   ok, alert after 1.6 s",
        "-" * 80,
        "Subject: [high] key-inactive: app-1",
        "",
        "WHAT FAILED",
    ]


def test_the_files_are_numbered_in_the_order_of_the_scenarios(tmp_path: Path) -> None:
    folder = AlertFolder(tmp_path / "alerts")
    written = [folder.write(it).name for it in (a_prediction(), without_an_alert())]
    assert written == ["01-key-in-use-deleted.txt", "02-healthy-key.txt"]


def test_the_files_of_the_last_run_are_removed(tmp_path: Path) -> None:
    AlertFolder(tmp_path / "alerts").write(an_outcome())
    AlertFolder(tmp_path / "alerts").write(without_an_alert())
    assert [path.name for path in (tmp_path / "alerts").iterdir()] == ["01-healthy-key.txt"]


def test_a_prediction_is_one_text_with_both_alerts_in_full() -> None:
    text = text_of_scenario(a_prediction())
    assert "Expected: cause deleted-in-use, within 7 s\nExpected: cause key-deleted, within 5 s" in text
    subjects = [line for line in text.splitlines() if line.startswith("Subject:")]
    assert subjects == ["Subject: [high] deleted-in-use: app-1", "Subject: [high] key-deleted: app-1"]


def test_the_text_of_a_scenario_without_an_alert_says_so() -> None:
    assert text_of_scenario(without_an_alert()).endswith("Expected: no alert\nResult:   ok, no alert")


def test_the_introduction_names_problems_and_what_was_observed() -> None:
    lines = introduction(a_failure().with_note("it works again", "it took too long")).splitlines()
    assert lines[3:] == [
        "Problem:  severity is high, not low",
        "Problem:  the alert took 9.0 s, more than 5 s",
        "Problem:  it took too long",
        "Observed: it works again",
        "Result:   FAILED, alert after 1.6 s",
    ]
