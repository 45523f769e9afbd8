"""The metrics of functions.

AWS documents ("Types of metrics for Lambda functions") that each invocation counts, by any invoker, that one
that fails counts among Errors too, and that one that is throttled counts among Throttles alone. The emulator
counts those that somebody invokes by the API, not those of a queue, of EventBridge or of Secrets Manager.
"""

from __future__ import annotations

import time
from typing import Any, Final

from ministack.services import cloudwatch, lambda_svc

NAMESPACE: Final = "AWS/Lambda"


def fill() -> None:
    dispatch = lambda_svc._execute_function_dispatch

    def dispatch_and_count(function: Any, configuration: dict[str, Any], *more: Any) -> dict[str, Any]:
        began = time.monotonic()
        result: dict[str, Any] = dispatch(function, configuration, *more)
        _count(configuration["FunctionName"], bool(result.get("error")), time.monotonic() - began)
        return result

    lambda_svc._execute_function_dispatch = dispatch_and_count
    lambda_svc._emit_lambda_metrics = count_throttled


def count_throttled(function_name: str, duration_ms: float, *, error: bool, throttle: bool) -> None:
    """The emulator calls it for each invocation by the API, and once more, without a duration, where an
    invocation is throttled.
    """
    if throttle and not duration_ms and not error:
        _record(function_name, "Throttles", 1, "Count")


def _count(function_name: str, failed: bool, seconds: float) -> None:  # noqa: FBT001 -- a fact, to be counted
    _record(function_name, "Invocations", 1, "Count")
    _record(function_name, "Errors", int(failed), "Count")
    _record(function_name, "Throttles", 0, "Count")
    _record(function_name, "Duration", seconds * 1000, "Milliseconds")


def _record(function_name: str, metric: str, value: float, unit: str) -> None:
    cloudwatch.record_metric(NAMESPACE, metric, value, unit, {"FunctionName": function_name})
