"""Reads the function's log: billed durations and the size of the log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.deployment import Deployment

_REPORT = re.compile(r"REPORT .*Billed Duration: ([\d.]+) ms\s+Memory Size: (\d+) MB")
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/API_PutLogEvents
_BYTES_OF_AN_EVENT = 26


@dataclass(frozen=True, kw_only=True)
class Log:
    """`milliseconds` are billed, by invocation; `size` is in bytes, as CloudWatch Logs counts."""

    milliseconds: tuple[float, ...]
    memory_mib: int
    size: int


def read_log(deployment: Deployment, log_group: str, *, since: float) -> Log:
    paginator = deployment.aws.session().client("logs").get_paginator("filter_log_events")
    pages = paginator.paginate(logGroupName=log_group, startTime=int(1000 * since))
    return parse(event["message"] for page in pages for event in page["events"])


def parse(messages: Iterable[str]) -> Log:
    lines = list(messages)
    reports: list[Any] = [found for line in lines if (found := _REPORT.match(line))]
    return Log(
        milliseconds=tuple(float(report[1]) for report in reports),
        memory_mib=max((int(report[2]) for report in reports), default=0),
        size=sum(len(line.encode()) + _BYTES_OF_AN_EVENT for line in lines),
    )
