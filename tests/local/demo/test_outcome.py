from __future__ import annotations

from local.demo.outcome import ExpectedAlert
from tests.local.demo.outcomes import an_alert

EXPECTED = ExpectedAlert({"cause": "key-inactive", "decision": "notify", "owner": "app-1"})


def test_an_alert_in_time_with_the_expected_attributes_is_no_problem() -> None:
    alert = an_alert(at=104.9)
    assert [*EXPECTED.problems_with(alert)] == []
    assert EXPECTED.delay_of(alert, since=100) == ()


def test_a_missing_alert_is_a_problem() -> None:
    assert [*EXPECTED.problems_with(None)] == ["no alert within 240 s"]


def test_an_attribute_of_another_value_is_a_problem() -> None:
    problems = EXPECTED.problems_with(an_alert("key-deleted"))
    assert [*problems] == ["cause is key-deleted, not key-inactive"]


def test_a_late_alert_is_shown_as_a_delay_and_is_no_problem() -> None:
    alert = an_alert(at=106)
    assert [*EXPECTED.problems_with(alert)] == []
    assert EXPECTED.delay_of(alert, since=100) == (
        "the alert took 6.0 s instead of 5 s: is the machine busy?",
    )


def test_an_expected_alert_is_described_by_its_known_attributes() -> None:
    assert str(EXPECTED) == "cause key-inactive, decision notify, owner app-1, within 5 s"
    assert str(ExpectedAlert({"cause": "unknown-key", "owner": "-"}, 12)) == "cause unknown-key, within 12 s"
