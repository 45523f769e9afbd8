"""Metrics in log lines.

AWS documents the embedded metric format: a JSON log line whose `_aws` member names metrics becomes metrics,
one for each set of dimensions. To the emulator it is a line like any other.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs


def fill() -> None:
    forward = cloudwatch_logs._fanout_to_subscription_filters

    def take(group: str, stream: str, events: list[dict[str, Any]]) -> None:
        for event in events:
            for line in str(event.get("message", "")).splitlines():
                _store_metrics(line)
        forward(group, stream, events)

    cloudwatch_logs._fanout_to_subscription_filters = take


def _store_metrics(line: str) -> None:
    if not line.startswith("{") or '"CloudWatchMetrics"' not in line:
        return
    try:
        document = json.loads(line)
    except ValueError:
        return
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = {name: str(document[name]) for name in names}
            for metric in directive["Metrics"]:
                _store(document, directive["Namespace"], metric, dimensions)


def _store(
    document: dict[str, Any], namespace: str, metric: dict[str, str], dimensions: dict[str, str]
) -> None:
    value = document[metric["Name"]]
    values = value if isinstance(value, list) else [value]
    seconds = document["_aws"]["Timestamp"] / 1000
    unit = metric.get("Unit", "None")
    cloudwatch._store_datum(namespace, metric["Name"], dimensions, seconds, unit, None, values, None, None)
