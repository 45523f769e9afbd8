from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambdas.errors import PermanentError, TransientError
from lambdas.handlers.bootstrap import reporting
from lambdas.incidents.domain.outbox import Channel
from lambdas.observability import FAILED_RECORDS, FAILED_STEPS, OVERDUE_SECONDS, count, metrics
from lambdas.remediation.due_incidents import TimerRun
from lambdas.remediation.outcome import RemediationOutcome
from tests.support.builders import a_finding


@pytest.mark.parametrize("error", [TransientError("sns:Publish: Throttled"), PermanentError("never")])
def test_a_failed_delivery_and_a_failed_update_count_as_failed_records(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    counted: list[dict[str, Any]] = []
    monkeypatch.setattr(metrics, "add_metric", lambda **metric: counted.append(metric))
    reporting.report_failed_delivery(Channel.CHAT, error)
    reporting.report_failed_update(error)
    reporting.report_remediation(
        RemediationOutcome(findings=[a_finding()], failures=[TransientError("another")])
    )
    assert [(metric["name"], metric["value"]) for metric in counted] == [(FAILED_RECORDS, 1)] * 3


def test_a_timer_run_reports_how_long_an_incident_was_overdue(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: dict[str, Any] = {}
    monkeypatch.setattr(
        metrics, "add_metric", lambda **metric: reported.update({metric["name"]: metric["value"]})
    )
    reporting.report_timer_run(TimerRun(overdue=timedelta(minutes=11)))
    assert reported == {OVERDUE_SECONDS: 660}


def test_a_run_with_nothing_to_count_publishes_no_metric_which_would_cost_every_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported: list[dict[str, Any]] = []
    monkeypatch.setattr(metrics, "add_metric", lambda **metric: reported.append(metric))
    reporting.report_timer_run(TimerRun())
    count(FAILED_STEPS, 0)
    assert not reported
