"""The demo and the end-to-end tests end by asking what failed: here something does."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from local.failures import (
    ALARM,
    DEAD_LETTER,
    WITHOUT_A_TRACE,
    Failure,
    Failures,
    UnexpectedFailuresError,
    errors_in,
)
from tests.local.workbench import Workbench, eventually

if TYPE_CHECKING:
    from local.emulator.process import LocalAws

NUMBERS = count()
CRASHES = "def handler(event, context):\n    raise KeyError('created')\n"
DIES = "import os\ndef handler(event, context):\n    os._exit(1)\n"
WORKS = "def handler(event, context):\n    print('all is well')\n"


@pytest.fixture
def bench(aws: LocalAws) -> Workbench:
    """In a region of each test's own, so that it sees no other's failures."""
    return Workbench(aws, aws.session().get_available_regions("lambda")[next(NUMBERS)])


@pytest.fixture
def failures(bench: Workbench) -> Failures:
    url, _ = bench.queue()
    return Failures(bench.session(), url)


def run(bench: Workbench, code: str) -> str:
    name = bench.function(code)
    bench.client("lambda").invoke(FunctionName=name, Payload="{}")
    return name


def test_a_function_that_crashed_is_told_once_with_its_error(bench: Workbench, failures: Failures) -> None:
    run(bench, CRASHES)
    with pytest.raises(UnexpectedFailuresError, match="index: KeyError: 'created'"):
        failures.assert_none()
    failures.assert_none()


def test_each_crash_of_a_function_is_told(bench: Workbench, failures: Failures) -> None:
    name = run(bench, CRASHES)
    assert failures.find_new() == [Failure("index", "KeyError: 'created'")]
    bench.client("lambda").invoke(FunctionName=name, Payload="{}")
    assert failures.find_new() == [Failure("index", "KeyError: 'created'")]


def test_a_function_that_died_without_a_word_is_told(bench: Workbench, failures: Failures) -> None:
    run(bench, DIES)
    assert failures.find_new() == [Failure("index", WITHOUT_A_TRACE)]


def test_a_function_that_works_is_no_failure(bench: Workbench, failures: Failures) -> None:
    run(bench, WORKS)
    failures.assert_none()


def test_an_alarm_that_rang_is_told_though_it_is_over(bench: Workbench, failures: Failures) -> None:
    function = run(bench, CRASHES)
    name = bench.name("alarm")
    bench.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        Statistic="Sum",
        Period=1,
        EvaluationPeriods=2,
        DatapointsToAlarm=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )

    def states() -> set[str]:
        history = bench.client("cloudwatch").describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
        return {item["HistorySummary"].rpartition(" ")[2] for item in history}

    eventually(lambda: states() >= {"ALARM", "OK"})
    [alarm] = [failure for failure in failures.find_new() if failure.where == ALARM]
    assert name in alarm.what


def test_a_message_that_died_is_told_with_its_reason(bench: Workbench, failures: Failures) -> None:
    reason = {"reason": {"DataType": "String", "StringValue": "no JSON"}}
    queue = failures.dead_letter_queue_url
    bench.client("sqs").send_message(QueueUrl=queue, MessageBody="a body", MessageAttributes=reason)
    assert failures.find_new() == [Failure(DEAD_LETTER, "no JSON: a body")]
    failures.assert_none()


def test_what_is_broken_on_purpose_may_fail_and_nothing_else(bench: Workbench, failures: Failures) -> None:
    failures.expect("index", "KeyError: 'created'")
    run(bench, CRASHES)
    failures.assert_none()
    run(bench, CRASHES.replace("created", "name"))
    with pytest.raises(UnexpectedFailuresError, match="'name'"):
        failures.assert_none()


def test_what_is_expected_once_is_not_expected_again(bench: Workbench, failures: Failures) -> None:
    failures.expected_once.append(("index", "KeyError"))
    name = run(bench, CRASHES)
    failures.assert_none()
    bench.client("lambda").invoke(FunctionName=name, Payload="{}")
    with pytest.raises(UnexpectedFailuresError):
        failures.assert_none()


def test_an_error_that_a_function_lived_to_log_is_found() -> None:
    trace = r"Traceback (most recent call last):\n  File \"a.py\", line 1\nValueError: 7"
    line = f'{{"level": "ERROR", "message": "a record failed", "exception": "{trace}"}}'
    assert list(errors_in(["START 1", line, "END 1"])) == ["a record failed: ValueError: 7"]


def test_an_error_that_followed_another_is_told_with_it() -> None:
    lines = ["Traceback (most recent call last):", "  File a.py", "KeyError: 1", ""]
    lines += ["During handling of the above exception, another exception occurred:", "", *lines[:2]]
    assert list(errors_in([*lines, "ValueError: 2", "END 1"])) == ["ValueError: 2"]
