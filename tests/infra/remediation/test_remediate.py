from __future__ import annotations

from typing import TYPE_CHECKING

from tests.infra.synthesis import arn, named, ref

if TYPE_CHECKING:
    from tests.infra.synthesis import Json


def test_signals_come_in_batches_that_may_fail_in_part(template: Json) -> None:
    signals_id, _ = named(template, "AWS::SQS::Queue", "Signals")
    function_id, _ = named(template, "AWS::Lambda::Function", "Remediate")
    _, trigger = named(template, "AWS::Lambda::EventSourceMapping", "Remediate")
    assert trigger == {
        "BatchSize": 100,
        "EventSourceArn": arn(signals_id),
        "FunctionName": ref(function_id),
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 1,
        "ScalingConfig": {"MaximumConcurrency": 3},
    }
