"""A small storm, held on every run; that of 100,000 events is for `make bench`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from bench.events.refused_call import RefusedCall
from bench.storm.checks import dollars_a_million, figures
from bench.storm.cost import cost_lines
from bench.storm.item_size import item_bytes
from bench.storm.log import Log, parse
from bench.storm.measurement import measure_storm
from bench.storm.records import COUNTING, OPENING, FunctionCall, Records
from bench.storm.sample import StormSample
from bench.storm.scenario import BATCH_SECONDS, RECEIVES, Storm
from infra.detection.queues import MAX_RECEIVES
from infra.remediation.remediate import TIMEOUT
from tests.support.builders import ACCOUNT, key_id

SMALL = Storm(events=1_000, keys=5, repeat_every=50)
AGAIN = SMALL.events // SMALL.repeat_every
ONE, OTHER = key_id(1), key_id(2)


@pytest.fixture(scope="module")
def sample() -> StormSample:
    return measure_storm(SMALL)


def test_a_storm_stays_within_its_targets(sample: StormSample) -> None:
    assert [figure for figure in figures(sample) if not figure.is_met] == []


def test_a_batch_writes_each_of_its_keys_once(sample: StormSample) -> None:
    assert sample.counting_writes == sample.keys_of_batches
    assert sample.records.writes()[OPENING] == SMALL.keys


def test_every_event_is_counted_once_and_each_repeated_one_twice(sample: StormSample) -> None:
    assert len(sample.sent) == SMALL.events
    assert (sample.redelivered, sample.counted_twice) == (AGAIN, AGAIN)
    assert sample.counts == sample.processed


def test_the_events_are_of_all_callers_and_regions(sample: StormSample) -> None:
    calls = sample.sent.values()
    assert len({call.source for call in calls}) == SMALL.callers
    assert {call.region for call in calls} == set(SMALL.regions)


def test_the_cost_has_a_line_for_everything_that_is_paid_for(sample: StormSample) -> None:
    amounts = {line.what: line.amount for line in cost_lines(sample)}
    assert amounts["SQS, sent"] == 1_000_000
    assert [what for what, amount in amounts.items() if not amount] == []
    assert dollars_a_million(sample) == pytest.approx(sum(line.dollars for line in cost_lines(sample)))


def test_the_limits_are_within_those_of_the_stack() -> None:
    assert RECEIVES < MAX_RECEIVES
    assert TIMEOUT.to_seconds() > BATCH_SECONDS


def test_each_figure_of_a_storm_can_miss_its_target() -> None:
    """Of two events, one is lost; the other is delivered 5 times, counted 10 times and reported 7 times."""
    calls = [a_write("ADD #n :n")] * 6 + [a_write("SET #s = :s REMOVE #c")] * 41
    call = RefusedCall(access_key_id=ONE, account=ACCOUNT, region="us-east-1")
    sample = a_sample(
        sent={"m1": call, "m2": replace(call, access_key_id=OTHER)},
        records=Records(calls=tuple(calls), batches=(("m1",),) * 5, processed=Counter({"m1": 1}), last=0),
        counts=Counter({ONE: 10}),
    )
    assert [figure for figure in figures(sample) if figure.is_met] == []


def test_an_event_that_was_counted_and_then_returned_is_counted_without_reason() -> None:
    call = RefusedCall(access_key_id=ONE, account=ACCOUNT, region="us-east-1")
    records = Records(calls=(), batches=(("m1",),) * 3, processed=Counter({"m1": 1}), last=0)
    sample = a_sample(sent={"m1": call}, records=records, counts=Counter({ONE: 3}))
    assert (sample.returned.total(), sample.unexplained) == (2, 2)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("ADD #n :n SET lastSeen = :l", COUNTING),
        ("SET callers.#d = :d, lastSeen = :l ADD #n :n", COUNTING),
        ("ADD alertsSent :a, #n :n", COUNTING),
        ("ADD alertsSent :a SET #n = :n", "other"),
        ("SET callers.#d = :d", "a new caller"),
        ("SET #c = :c, claimedUntil = :u", "claiming"),
        ("SET #s = :s REMOVE #c, claimedUntil", "settling"),
        ("SET #s = :s", "other"),
    ],
)
def test_the_kind_of_a_write_follows_from_what_it_writes(expression: str, kind: str) -> None:
    assert a_write(expression).kind() == kind


def test_a_write_whose_condition_fails_is_not_counted() -> None:
    refused = replace(a_write("ADD #n :n"), error="ConditionalCheckFailedException")
    records = Records(calls=(refused,), batches=(), processed=Counter(), last=0)
    assert (records.writes(), records.writes(done=False)) == ({}, {COUNTING: 1})


def test_the_size_of_an_item_is_counted_as_by_dynamodb() -> None:
    caller = {"source": {"S": "203.0.113.7"}}
    item: dict[str, dict[str, Any]] = {
        "count": {"N": "1234"},
        "callers": {"M": {"ab": {"M": caller}}},
        "facts": {"L": [{"S": "xyz"}]},
    }
    count, callers, facts = 5 + 3, 7 + (3 + 1 + 2 + (3 + 1 + 6 + 11)), 5 + (3 + 1 + 3)
    assert item_bytes(item) == count + callers + facts


def test_a_log_has_the_duration_of_each_invocation_and_the_memory() -> None:
    report = "REPORT RequestId: r\tDuration: 81 ms\tBilled Duration: 82 ms\tMemory Size: 256 MB\tMax"
    assert parse(["START RequestId: r", report]) == Log(
        milliseconds=(82.0,), memory_mib=256, size=len("START RequestId: r") + len(report) + 2 * 26
    )


def a_sample(sent: dict[str, RefusedCall], records: Records, counts: Counter[str]) -> StormSample:
    return StormSample(
        storm=SMALL,
        sent=sent,
        records=records,
        log=Log(milliseconds=(21_000.0,), memory_mib=256, size=1),
        counts=counts,
        alerts=Counter({ONE: 7}),
        item_bytes={ONE: 1024},
        dead=1,
        left=1,
        seconds=100.0,
    )


def a_write(expression: str) -> FunctionCall:
    request = {
        "Key": {"accessKeyId": {"S": ONE}},
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {"#n": "count", "#c": "claimedBy", "#s": "state", "#d": "0a1b"},
    }
    return FunctionCall(service="dynamodb", operation="UpdateItem", error="", request=request)
