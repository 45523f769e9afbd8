"""When an alarm changes its state.

AWS documents that an alarm looks at the metric with exactly its dimensions, over EvaluationPeriods periods of
which DatapointsToAlarm must breach, that a period without data counts as TreatMissingData says, and that
alarms are evaluated continuously. The emulator evaluates only when a metric is put, mixes all dimensions, and
knows no missing data. (AWS takes up to a minute or two; here alarms are evaluated every second.)
"""

from __future__ import annotations

import threading
import time
from itertools import takewhile
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local.emulator.gaps.cloudwatch import queue_metrics

EVALUATE_EVERY_SECONDS: Final = 1.0
COMPARISONS: Final = {
    "GreaterThanOrEqualToThreshold": float.__ge__,
    "GreaterThanThreshold": float.__gt__,
    "LessThanOrEqualToThreshold": float.__le__,
    "LessThanThreshold": float.__lt__,
}


def fill() -> None:
    cloudwatch._evaluate_alarm = evaluate
    threading.Thread(target=_evaluate_for_ever, daemon=True, name="alarms").start()


def _evaluate_for_ever() -> None:
    while True:
        time.sleep(EVALUATE_EVERY_SECONDS)
        for account, region in {key[:2] for key, _ in cloudwatch._alarms.all_items()}:
            with request_scope(account, region):
                queue_metrics.publish()
                cloudwatch._evaluate_all_alarms()


def evaluate(alarm: dict[str, Any]) -> None:
    if alarm.get("ComparisonOperator") not in COMPARISONS or not alarm.get("MetricName"):
        return  # metric maths and bands are left alone
    state = _state(alarm, [_breaches(alarm, points) for points in _periods(alarm)])
    if state not in {None, alarm["StateValue"]}:
        _change(alarm, str(state))


def _periods(alarm: dict[str, Any]) -> list[list[Any]]:
    """The metric's points, by period, the newest first."""
    dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions") or [])
    bucket = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    period, count, now = alarm.get("Period") or 60, alarm.get("EvaluationPeriods") or 1, time.time()
    newest_first = reversed(list(cloudwatch._metrics.get(bucket) or []))
    periods: list[list[Any]] = [[] for _ in range(count)]
    for point in takewhile(lambda point: now - point["Timestamp"] < period * count, newest_first):
        periods[max(0, int((now - point["Timestamp"]) // period))].append(point)
    return periods


def _breaches(alarm: dict[str, Any], points: list[Any]) -> bool | None:
    if not points:
        return {"breaching": True, "notBreaching": False}.get(alarm.get("TreatMissingData", "missing"))
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    value = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)
    return bool(COMPARISONS[alarm["ComparisonOperator"]](float(value), float(alarm["Threshold"])))


def _state(alarm: dict[str, Any], periods: list[bool | None]) -> str | None:
    known = [breaches for breaches in periods if breaches is not None]
    if not known:
        return None if alarm.get("TreatMissingData") == "ignore" else "INSUFFICIENT_DATA"
    needed = alarm.get("DatapointsToAlarm") or len(periods)
    return "ALARM" if known.count(True) >= needed else "OK"


def _change(alarm: dict[str, Any], state: str) -> None:
    before = alarm["StateValue"]
    condition = f"{alarm['ComparisonOperator']} {alarm['Threshold']}"
    reason = f"{state}: {alarm['MetricName']} against {condition}"
    changed = {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
    alarm.update(changed)
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
