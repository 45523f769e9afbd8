"""When an alarm changes its state.

AWS documents that an alarm looks at the metric with exactly its dimensions, or at an expression over several
metrics, over EvaluationPeriods periods of which DatapointsToAlarm must breach, that missing data counts as
`evaluation` says, and that alarms are evaluated continuously. The emulator evaluates only when a metric is
put, mixes all dimensions, and knows neither missing data nor expressions. (AWS takes up to a minute or two;
here alarms are evaluated every second.)
"""

from __future__ import annotations

import json
import threading
import time
from itertools import takewhile
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from local.emulator.gaps.cloudwatch import queue_metrics
from local.emulator.gaps.cloudwatch.evaluation import (
    COMPARISONS,
    Condition,
    Metric,
    Points,
    expression_of,
    metrics_of,
)
from local.emulator.gaps.cloudwatch.metric_math import compute

EVALUATE_EVERY_SECONDS: Final = 1.0


def fill() -> None:
    cloudwatch._evaluate_alarm = evaluate
    describe = provisioners._cw_metric_alarm_record
    provisioners._cw_metric_alarm_record = lambda name, properties: _described(describe, name, properties)
    threading.Thread(target=_evaluate_for_ever, daemon=True, name="alarms").start()


def _described(describe: Any, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """The alarm of a template, which may have an expression."""
    queries = properties.get("Metrics")
    if not queries:
        alarm: dict[str, Any] = describe(name, properties)
        return alarm
    rest = {key: value for key, value in properties.items() if key != "Metrics"}
    alarm = describe(name, {**rest, "Namespace": "-", "MetricName": "-"})
    return {**alarm, "Namespace": None, "MetricName": None, "Metrics": queries}


def _evaluate_for_ever() -> None:
    while True:
        time.sleep(EVALUATE_EVERY_SECONDS)
        for account, region in {key[:2] for key, _ in cloudwatch._alarms.all_items()}:
            with request_scope(account, region):
                queue_metrics.publish()
                cloudwatch._evaluate_all_alarms()


def evaluate(alarm: dict[str, Any]) -> None:
    if alarm.get("ComparisonOperator") not in COMPARISONS:
        return  # bands are left alone
    condition, metrics, now = Condition.of(alarm), metrics_of(alarm), time.time()
    series = {name: _points(metric, condition.range_length, now) for name, metric in metrics.items()}
    state = condition.state(compute(expression_of(alarm), series), alarm["StateValue"])
    if state != alarm["StateValue"]:
        _change(alarm, state, sorted({metric.name for metric in metrics.values()}))


def _points(metric: Metric, length: int, now: float) -> Points:
    dimensions = cloudwatch._dims_from_list(json.loads(metric.dimensions))
    bucket = (metric.namespace, metric.name, cloudwatch._dims_key(dimensions))
    newest_first = reversed(list(cloudwatch._metrics.get(bucket) or []))
    periods: list[list[Any]] = [[] for _ in range(length)]
    for point in takewhile(lambda point: now - point["Timestamp"] < metric.period * length, newest_first):
        periods[max(0, int((now - point["Timestamp"]) // metric.period))].append(point)
    return [_value(metric.statistic, points) for points in periods]


def _value(statistic: str, points: list[Any]) -> float | None:
    if not points:
        return None
    return float(cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points))


def _change(alarm: dict[str, Any], state: str, metrics: list[str]) -> None:
    before = alarm["StateValue"]
    condition = f"{alarm['ComparisonOperator']} {alarm['Threshold']}"
    reason = f"{state}: {', '.join(metrics)} against {condition}"
    changed = {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
    alarm.update(changed)
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
