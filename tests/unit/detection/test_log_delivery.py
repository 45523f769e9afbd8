from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.detection.domain.signal_group import group_by_key
from lambdas.detection.log_delivery import refusals_in
from lambdas.detection.log_messages import DETAIL_TYPE, refused_calls_body
from lambdas.errors import PermanentError
from tests.support.builders import ACCOUNT, NOON, key_id, signal_in

KEY, GROUP, REGION = key_id(), "/aws/lambda/orders", "eu-central-1"
MILLISECONDS = int(NOON.timestamp() * 1000)
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzq8h3Kd0Ls"


def a_line(key: str = KEY, request: str = "") -> str:
    named = f"<RequestId>{request}</RequestId>" if request else ""
    return (
        "PUT https://bucket.s3.amazonaws.com/ <Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id "
        f"you provided does not exist in our records.</Message><AWSAccessKeyId>{key}</AWSAccessKeyId>{named}"
    )


def delivered(*lines: str, **changes: Any) -> dict[str, Any]:
    events = [
        {"id": str(index), "timestamp": MILLISECONDS + 1000 * index, "message": line}
        for index, line in enumerate(lines)
    ]
    delivery = {"messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": GROUP, "logEvents": events}
    data = gzip.compress(json.dumps(delivery | changes).encode())
    return {"awslogs": {"data": base64.b64encode(data).decode()}}


def counts(*lines: str) -> list[tuple[str, int]]:
    return [(each.refusal.access_key_id, each.calls) for each in refusals_in(delivered(*lines))]


def test_a_line_becomes_a_signal_of_its_key() -> None:
    [refusal] = refusals_in(delivered(a_line()))
    signal = signal_in(refused_calls_body(ACCOUNT, REGION, refusal))
    assert signal is not None
    assert (signal.access_key_id, signal.service, signal.region) == (KEY, "s3", REGION)
    assert (signal.account, signal.occurred_at, signal.calls) == (ACCOUNT, NOON, 1)
    assert (signal.caller.source, signal.error_code) == (GROUP, "InvalidAccessKeyId")
    assert signal.error_class is ErrorClass.KEY_REJECTED
    assert signal.is_failed_call


def test_equal_lines_are_one_message_with_their_number_and_latest_time() -> None:
    [refusal] = refusals_in(delivered(*[a_line()] * 500))
    assert refusal.calls == 500
    assert refusal.last_seen == NOON + timedelta(seconds=499)


def test_a_request_counts_once_however_often_it_is_logged() -> None:
    first, second = a_line(request="4FCBBDBCC93DC696"), a_line(request="5FCBBDBCC93DC696")
    assert counts(first, second, first, f"Caused by: {second}") == [(KEY, 2)]


def test_two_keys_are_two_messages_even_of_one_request() -> None:
    other = key_id(2)
    assert counts(a_line(request="4FCBBDBCC93DC696"), a_line(other, "4FCBBDBCC93DC696")) == [
        (KEY, 1),
        (other, 1),
    ]


def test_the_incident_counts_every_call_of_a_message() -> None:
    body = refused_calls_body(ACCOUNT, REGION, refusals_in(delivered(*[a_line()] * 30))[0])
    signal = signal_in(body)
    assert signal is not None
    [group] = group_by_key([signal, replace(signal, calls=12)])
    assert (group.count, group.calls) == (42, {signal.caller: 42})
    assert group.regions == (REGION,)


def test_a_line_without_a_usable_key_id_yields_nothing() -> None:
    assert counts(a_line("***"), "The security token included in the request is invalid.") == []


def test_a_control_message_yields_nothing() -> None:
    assert refusals_in(delivered(a_line(), messageType="CONTROL_MESSAGE")) == ()


@pytest.mark.parametrize("event", [{}, {"awslogs": {"data": "x"}}, {"awslogs": {"data": "eHg="}}])
def test_an_event_of_another_service_is_an_error(event: dict[str, Any]) -> None:
    with pytest.raises(PermanentError):
        refusals_in(event)


@pytest.mark.parametrize("timestamp", [None, "soon", 1e300, float("nan")])
def test_a_log_event_without_a_usable_time_is_an_error(timestamp: object) -> None:
    with pytest.raises(PermanentError, match="time"):
        refusals_in(delivered(logEvents=[{"timestamp": timestamp, "message": a_line()}]))


@given(text=st.text(max_size=60))
def test_nothing_of_a_line_goes_on_but_what_has_the_format_of_a_field(text: str) -> None:
    line = a_line()
    [plain] = refusals_in(delivered(line))
    for changed in refusals_in(delivered(f"{text} {line} {SECRET} password={SECRET}")):
        body = refused_calls_body(ACCOUNT, REGION, changed)
        assert SECRET not in body
        assert len(body) < len(refused_calls_body(ACCOUNT, REGION, plain)) + 200


@pytest.mark.parametrize(
    "changes",
    [
        {"accessKeyId": "AKIA"},
        {"accessKeyId": SECRET},
        {"calls": 0},
        {"calls": True},
        {"calls": "7"},
        {"at": "soon"},
    ],
)
def test_a_message_without_a_key_a_number_or_a_time_is_malformed(changes: dict[str, object]) -> None:
    detail = {"accessKeyId": KEY, "calls": 1, "at": "2026-03-14T12:00:00Z"} | changes
    with pytest.raises(PermanentError, match="which key was refused"):
        signal_in(json.dumps({"detail-type": DETAIL_TYPE, "detail": detail}))
