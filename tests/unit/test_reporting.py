from __future__ import annotations

from typing import Any

import pytest

from lambdas import reporting
from lambdas.domain.errors import PermanentError, TransientError
from lambdas.domain.outbox import Channel
from lambdas.messages import Outcome
from lambdas.observability import FAILED_RECORDS, metrics
from tests.builders import a_finding


@pytest.mark.parametrize("error", [TransientError("sns:Publish: Throttled"), PermanentError("never")])
def test_what_a_channel_refused_counts_as_a_failed_record(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    counted: list[dict[str, Any]] = []
    monkeypatch.setattr(metrics, "add_metric", lambda **metric: counted.append(metric))
    reporting.report_refusal(Channel.CHAT, error)
    reporting.report(Outcome(findings=[a_finding()], failures=[TransientError("another")]))
    assert [(metric["name"], metric["value"]) for metric in counted] == [(FAILED_RECORDS, 1)] * 2
