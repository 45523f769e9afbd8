"""Finds what failed in the deployed stack: errors of functions, alarms, and dead letters.

The demo and the end-to-end tests end with this check, because a function may fail after its work is done.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import boto3

ALARM, DEAD_LETTER = "alarm", "dead letter"
TRACEBACK = "Traceback (most recent call last)"
PLATFORM_LINES = ("START ", "END ", "REPORT ")
WITHOUT_A_TRACE = "an invocation failed, and its log does not say why"
DAY = timedelta(days=1)


class UnexpectedFailuresError(Exception):
    """Something failed that was not broken on purpose; the message says what."""


@dataclass(frozen=True)
class Failure:
    where: str  # the module of the function's handler, ALARM or DEAD_LETTER
    what: str  # the error, the alarm's name, or why the message was moved to the dead-letter queue

    def is_like(self, where: str, what: str) -> bool:
        return where == self.where and (what in self.what or self.what == WITHOUT_A_TRACE)

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Failures:
    session: boto3.Session
    dead_letter_queue_url: str
    # Failures that are expected: `where`, and a part of `what`. Of `expected_once`, each may happen one time.
    expected_once: list[tuple[str, str]] = field(default_factory=list)
    expected: list[tuple[str, str]] = field(default_factory=list)
    _seen: set[object] = field(default_factory=set)
    _counted: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._client: Any = cache(self.session.client)

    def expect(self, where: str, what: str) -> None:
        """Holds from now on, because messages are retried and alarms are raised later."""
        self.expected.append((where, what))

    def assert_none(self) -> None:
        if unexpected := [failure for failure in self.find_new() if not self._is_expected(failure)]:
            lines = [str(failure) for failure in dict.fromkeys(unexpected)]
            raise UnexpectedFailuresError(
                "\n".join(["This failed, although it was not broken on purpose:", *lines])
            )

    def find_new(self) -> list[Failure]:
        """The failures since the last call. Removes the messages from the dead-letter queue."""
        return [*self._of_functions(), *self._alarms(), *self._dead_letters()]

    def _is_expected(self, failure: Failure) -> bool:
        for known in self.expected_once:
            if failure.is_like(*known):
                self.expected_once.remove(known)
                return True
        return any(failure.is_like(*known) for known in self.expected)

    def _of_functions(self) -> Iterator[Failure]:
        for page in self._client("lambda").get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                where = function["Handler"].split(".")[-2]
                errors = self._new_errors(function["FunctionName"])
                logged = [error for log in self._new_logs(function) for error in errors_in(log)]
                yield from (Failure(where, error) for error in logged)
                if errors and not logged:
                    yield Failure(where, WITHOUT_A_TRACE)

    def _new_errors(self, function_name: str) -> float:
        """Counted besides the logs: a function that ran out of time or memory leaves no traceback."""
        now = datetime.now(UTC)
        answer = self._client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=[{"Name": "FunctionName", "Value": function_name}],
            StartTime=now - DAY,
            EndTime=now + DAY,
            Period=int(DAY.total_seconds()),
            Statistics=["Sum"],
        )
        counted: float = sum(point["Sum"] for point in answer["Datapoints"])
        before, self._counted[function_name] = self._counted.get(function_name, 0), counted
        return counted - before

    def _new_logs(self, function: dict[str, Any]) -> Iterator[list[str]]:
        """The lines of each invocation, which has its own log stream on the local AWS."""
        group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function['FunctionName']}"
        logs = self._client("logs")
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        events = [event for page in pages for event in page["events"]]
        stream = itemgetter("logStreamName")
        for name, of_stream in groupby(sorted(events, key=stream), stream):
            if self._is_new((group, name)):
                yield [event["message"] for event in of_stream]

    def _alarms(self) -> Iterator[Failure]:
        pages = self._client("cloudwatch").get_paginator("describe_alarm_history")
        for page in pages.paginate(HistoryItemType="StateUpdate"):
            for item in page["AlarmHistoryItems"]:
                state = json.loads(item["HistoryData"])["newState"]
                if state["stateValue"] == "ALARM" and self._is_new((item["AlarmName"], item["Timestamp"])):
                    yield Failure(ALARM, f"{item['AlarmName']}, {state['stateReason']}")

    def _dead_letters(self) -> Iterator[Failure]:
        sqs, url = self._client("sqs"), self.dead_letter_queue_url
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                reason = (
                    message.get("MessageAttributes", {}).get("reason", {}).get("StringValue", "no reason")
                )
                yield Failure(DEAD_LETTER, f"{reason}: {message['Body'][:200]}")

    def _is_new(self, thing: object) -> bool:
        is_new = thing not in self._seen
        self._seen.add(thing)
        return is_new


def errors_in(lines: Iterable[str]) -> Iterator[str]:
    """The errors that a function logged, and the error that ended it."""
    trace: list[str] = []
    for line in lines:
        if line.startswith("{"):
            yield from _logged_error(json.loads(line))
        elif line.startswith(TRACEBACK):
            trace = [line]
        elif trace and not line.startswith(PLATFORM_LINES):
            trace.append(line)
    if trace:
        yield _error_line(trace)


def _logged_error(entry: dict[str, Any]) -> Iterator[str]:
    if "exception" in entry:
        yield f"{entry['message']}: {_error_line(str(entry['exception']).splitlines())}"


def _error_line(trace: list[str]) -> str:
    """The error itself: the lines of a traceback that are not indented."""
    return " ".join(line for line in trace if line.strip() and not line.startswith((" ", TRACEBACK)))
