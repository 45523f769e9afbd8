"""The numbers of the documents are those of `make cost`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench import prices
from bench.cost.deployment import default_template
from bench.cost.idle import idle_lines
from bench.cost.report import idle, report, total
from bench.cost.scale import MILLION_FAILURES_DOLLARS, SYNC_IAM_CALLS, SYNC_SECONDS
from lambdas.observability import SYNC_FINISHED
from tests.docs.pages import DOCS, README

LIMIT = 5.00  # USD a month
COST = (DOCS / "cost.md").read_text()


@pytest.fixture(scope="module")
def printed() -> str:
    return report()


def test_an_idle_deployment_stays_within_its_budget() -> None:
    assert total(idle()) <= LIMIT


def test_the_page_has_what_the_command_prints_and_the_date_of_the_prices(printed: str) -> None:
    assert [line for line in printed.splitlines() if line not in COST.splitlines()] == []
    assert f"read on {prices.READ_ON}" in COST


def test_the_readme_has_the_first_numbers_of_the_page(printed: str) -> None:
    [cost] = [part for part in README.read_text().split("\n\n") if part.startswith("**Cost**")]
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines()[2:6]]
    assert [name for name, dollars in rows if f"{dollars} " not in cost] == []


def test_the_measured_numbers_are_those_of_the_page_on_performance() -> None:
    performance = (DOCS / "performance.md").read_text()
    assert f"| a million such events, list prices | ${MILLION_FAILURES_DOLLARS} |" in performance
    assert f"| {SYNC_IAM_CALLS:,} | 4 | {SYNC_SECONDS:,} |" in performance


def test_everything_that_is_billed_by_the_month_is_counted() -> None:
    amounts = {line.what: line.amount for line in idle()}
    resources = [resource["Type"] for resource in default_template()["Resources"].values()]
    assert amounts["KMS key"] == resources.count("AWS::KMS::Key")
    assert amounts[f"CloudWatch metric `{SYNC_FINISHED}`"] > 0
    assert amounts["CloudWatch alarms"] > resources.count("AWS::CloudWatch::Alarm")


def test_an_alarm_is_billed_for_each_of_its_metrics_and_a_composite_one_by_itself() -> None:
    metric = {"Namespace": "n", "MetricName": "m"}
    queries = [{"Id": f"m{i}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}} for i in (1, 2)]
    alarms: list[dict[str, Any]] = [
        {"Type": "AWS::CloudWatch::Alarm", "Properties": {**metric, "Period": 60}},
        {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {"Metrics": [*queries, {"Id": "e", "Expression": "m1 + m2"}]},
        },
        {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {}},
    ]
    template = json.loads(json.dumps({"Resources": dict(enumerate(alarms))}))
    assert total(idle_lines(template, syncs=0)) == pytest.approx(3 * 0.10 + 0.50)
