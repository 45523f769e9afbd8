"""The cost of a million events like those of a storm, by line."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import TYPE_CHECKING

from bench import prices
from bench.cost_line import CostLine
from bench.storm.records import OPENING
from infra.remediation.remediate import MAX_CONCURRENCY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.prices import Price
    from bench.storm.records import FunctionCall
    from bench.storm.sample import StormSample

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: a poller receives 10 at a time.
_MESSAGES_OF_A_REQUEST = 10
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
_WRITE_UNIT_BYTES, _READ_UNIT_BYTES = 1024, 4096
_OF_A_TRANSACTION = 2
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
_SECONDS_OF_A_DATA_KEY, _TABLES = 300, 3
_MEBIBYTES_OF_A_GB = 1024


def cost_lines(sample: StormSample) -> list[CostLine]:
    scale = prices.MILLION / len(sample.sent)
    return [
        CostLine(what=what, amount=scale * amount, price=price, how=how)
        for what, amount, price, how in _amounts(sample)
    ]


def _amounts(sample: StormSample) -> Iterator[tuple[str, float, Price, str]]:
    log, batches = sample.log, sample.records.batches
    yield "SQS, sent", len(sample.sent), prices.SQS_REQUEST, "EventBridge sends each event by itself"
    tens = sum(ceil(len(batch) / _MESSAGES_OF_A_REQUEST) for batch in batches)
    yield "SQS, received and deleted", 2 * tens, prices.SQS_REQUEST, "10 messages a request"
    yield "Lambda, requests", len(log.milliseconds), prices.LAMBDA_REQUEST, "one a batch"
    seconds = sum(log.milliseconds) / 1000
    yield (
        "Lambda, time",
        seconds * log.memory_mib / _MEBIBYTES_OF_A_GB,
        prices.LAMBDA_GB_SECOND,
        f"{seconds / len(log.milliseconds):.2f} s a batch, as here, at {log.memory_mib} MiB",
    )
    size = max(sample.item_bytes.values())
    yield (
        "DynamoDB, writes",
        _write_units(sample),
        prices.DYNAMODB_WRITE_UNIT,
        f"a unit a KiB of the incident at its end, at most {size:,} bytes; twice that in a transaction",
    )
    reads = sum(call.is_read for call in sample.records.calls)
    yield "DynamoDB, reads", reads * ceil(size / _READ_UNIT_BYTES), prices.DYNAMODB_READ_UNIT, "strong, each"
    sent = Counter((call.service, call.operation) for call in sample.records.calls if not call.error)
    alerts, events = sent["sns", "Publish"], sent["events", "PutEvents"]
    yield "SNS, alerts", alerts, prices.SNS_PUBLISH, "to SQS and Lambda they are delivered free of charge"
    yield "SNS, e-mail", alerts, prices.SNS_EMAIL, "one subscriber by e-mail"
    yield "EventBridge, incidents", events, prices.CUSTOM_EVENT, "on the incident bus"
    yield (
        "EventBridge, forwarded",
        _from_elsewhere(sample),
        prices.CUSTOM_EVENT,
        "of all regions but one, whose stacks send them on to the main one",
    )
    keys = _TABLES * MAX_CONCURRENCY * ceil(sample.seconds / _SECONDS_OF_A_DATA_KEY)
    yield (
        "KMS",
        alerts + events + keys,
        prices.KMS_REQUEST,
        "one an alert and incident, one a table in 5 minutes",
    )
    yield "CloudWatch Logs", log.size, prices.LOG_BYTE, "as here"


def _write_units(sample: StormSample) -> int:
    return sum(_units(call, sample) for call in sample.records.calls if call.is_write)


def _units(call: FunctionCall, sample: StormSample) -> int:
    """A write whose condition fails costs the same. A transaction also writes a lease."""
    units = ceil(sample.item_bytes.get(call.key, 1) / _WRITE_UNIT_BYTES)
    return _OF_A_TRANSACTION * (units + 1) if call.kind() == OPENING else units


def _from_elsewhere(sample: StormSample) -> int:
    main = sample.storm.regions[0]
    return sum(call.region != main for call in sample.sent.values())
