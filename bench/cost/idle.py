"""What a stack costs a month in which nothing fails, from its template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bench import prices
from bench.cost_line import CostLine
from local.emulator.gaps.cloudwatch.evaluation import metrics_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.prices import Price

Json = dict[str, Any]

HOURS = 730
MINUTES = 60 * HOURS
# Lambda starts with five connections for each queue, each of which waits 20 seconds for a message.
# https://aws.amazon.com/blogs/compute/estimating-cost-for-amazon-sqs-message-processing-using-aws-lambda/
POLLS_A_MINUTE = 5 * 60 / 20
# Assumed, not measured: of a run that has nothing to do.
RUN_SECONDS, RUN_LOG_BYTES, RUN_READ_UNITS = 0.1, 600, 1
# DynamoDB asks KMS for each table every five minutes: one table of `sync_keys` and two of `alert_timer`.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
KMS_REQUESTS_AN_HOUR = 3 * 12
RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")


def idle_lines(template: Json, *, syncs: float) -> list[CostLine]:
    """`syncs` of the ledger are finished in a month. Lines without an amount are left out."""
    lines = [
        CostLine(what=what, amount=amount, price=price, how=how)
        for what, amount, price, how in _amounts(template, syncs)
    ]
    return [line for line in lines if line.amount]


def _amounts(template: Json, syncs: float) -> Iterator[tuple[str, float, Price, str]]:
    alarms = _of_type(template, "AWS::CloudWatch::Alarm")
    watched = sum(len(metrics_of(alarm)) for alarm in alarms)
    yield "CloudWatch alarms", watched, prices.ALARM_METRIC, f"{len(alarms)} alarms, by metric"
    composites = len(_of_type(template, "AWS::CloudWatch::CompositeAlarm"))
    yield "CloudWatch composite alarms", composites, prices.COMPOSITE_ALARM, ""
    keys = len(_of_type(template, "AWS::KMS::Key"))
    yield "KMS key", keys, prices.KMS_KEY, "in the first year"
    queues = len(_of_type(template, "AWS::Lambda::EventSourceMapping"))
    polls = queues * POLLS_A_MINUTE * MINUTES
    yield "SQS, polling", polls, prices.SQS_REQUEST, f"{queues} queues, {POLLS_A_MINUTE:.0f} a minute each"
    runs = sum(_runs(rule) for rule in _of_type(template, "AWS::Events::Rule"))
    yield "Lambda, requests", runs, prices.LAMBDA_REQUEST, "scheduled runs"
    gigabytes = _memory_mib(template) / 1024
    yield "Lambda, time", runs * RUN_SECONDS * gigabytes, prices.LAMBDA_GB_SECOND, f"{RUN_SECONDS} s a run"
    yield "CloudWatch Logs", runs * RUN_LOG_BYTES, prices.LOG_BYTE, f"{RUN_LOG_BYTES} bytes a run"
    yield "DynamoDB, reads", runs * RUN_READ_UNITS, prices.DYNAMODB_READ_UNIT, f"{RUN_READ_UNITS} unit a run"
    requests = KMS_REQUESTS_AN_HOUR * HOURS * keys
    yield "KMS, requests", requests, prices.KMS_REQUEST, "a table, every five minutes"
    hours = syncs / HOURS if runs else 0
    yield "CloudWatch metric `SyncFinished`", hours, prices.CUSTOM_METRIC, "an hour for each sync"


def _of_type(template: Json, resource_type: str) -> list[Json]:
    return [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == resource_type
    ]


def _runs(rule: Json) -> float:
    """A month's runs of a schedule; 0 for a rule that matches events."""
    if not (rate := RATE.fullmatch(rule.get("ScheduleExpression", ""))):
        return 0
    every = int(rate[1]) * (60 if rate[2] == "hour" else 1)
    return MINUTES / every


def _memory_mib(template: Json) -> int:
    return max((function["MemorySize"] for function in _functions(template)), default=0)


def _functions(template: Json) -> list[Json]:
    return [each for each in _of_type(template, "AWS::Lambda::Function") if "MemorySize" in each]
