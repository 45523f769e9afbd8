from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdas import reporting
from lambdas.domain.errors import TransientError
from lambdas.messages import Outcome
from lambdas.observability import FAILED_RECORDS, metrics
from tests.builders import a_finding

if TYPE_CHECKING:
    import pytest


def test_what_a_channel_refused_counts_as_a_failed_record(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[dict[str, Any]] = []
    monkeypatch.setattr(metrics, "add_metric", lambda **metric: counted.append(metric))
    refused = replace(a_finding(), failures=(TransientError("sns:Publish: Throttled"),))
    reporting.report(Outcome(findings=[refused, a_finding()], failures=[TransientError("another")]))
    assert [(metric["name"], metric["value"]) for metric in counted] == [(FAILED_RECORDS, 2)]
