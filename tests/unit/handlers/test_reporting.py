from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambdas.errors import PermanentError, TransientError
from lambdas.handlers.bootstrap import reporting
from lambdas.incidents.domain.outbox import Channel
from lambdas.observability import FAILED_RECORDS, OVERDUE_SECONDS, metrics
from lambdas.remediation.due_incidents import TimerRun
from lambdas.remediation.outcome import RemediationOutcome
from tests.support.builders import a_finding


@pytest.mark.parametrize("error", [TransientError("sns:Publish: Throttled"), PermanentError("never")])
def test_what_a_channel_refused_or_could_not_be_told_counts_as_a_failed_record(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    counted: list[dict[str, Any]] = []
    monkeypatch.setattr(metrics, "add_metric", lambda **metric: counted.append(metric))
    reporting.report_refusal(Channel.CHAT, error)
    reporting.report_untold(error)
    reporting.report_remediation(
        RemediationOutcome(findings=[a_finding()], failures=[TransientError("another")])
    )
    assert [(metric["name"], metric["value"]) for metric in counted] == [(FAILED_RECORDS, 1)] * 3


def test_a_round_tells_how_long_an_incident_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(
        metrics, "add_metric", lambda **metric: told.update({metric["name"]: metric["value"]})
    )
    reporting.report_round(TimerRun(overdue=timedelta(minutes=11)))
    assert told == {OVERDUE_SECONDS: 660, FAILED_RECORDS: 0}
