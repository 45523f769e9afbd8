"""The messages that the tracker sends are those that `remediate` reads."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam import ROOT
from lambdas.errors import PermanentError, TransientError
from lambdas.ledger.adapters.signal_queue import SqsSignalQueue
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.ledger.key_state_messages import PREDICTED_OUTAGE
from tests.support.builders import ACCOUNT, NOON, key_id, signal_in

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

GRACE = 90
DEACTIVATION = KeyStateChange(
    access_key_id=key_id(),
    event_name="UpdateAccessKey",
    at=NOON,
    by="assumed-role/Admin/carol@example.com",
    user_name="All+of=these,are.allowed@example_-0",
)


def a_queue(clients: Clients, url: str = "https://sqs.us-east-1.amazonaws.com/1/q") -> SqsSignalQueue:
    return SqsSignalQueue(clients, url, account=ACCOUNT, deletion_grace_seconds=GRACE)


@pytest.mark.parametrize(
    "change", [DEACTIVATION, replace(DEACTIVATION, event_name="DeleteUser", by="root", user_name=ROOT)]
)
def test_a_predicted_outage_that_the_tracker_reports_is_read_as_its_signal(
    clients: Clients, change: KeyStateChange
) -> None:
    url = clients.sqs.create_queue(QueueName="Signals")["QueueUrl"]
    a_queue(clients, url).report_predicted_outage(change)
    [message] = clients.sqs.receive_message(QueueUrl=url)["Messages"]
    signal = signal_in(message["Body"])
    assert signal is not None
    assert signal.predicted_outage == change
    assert (signal.incident_key, signal.account, signal.occurred_at) == (key_id(), ACCOUNT, NOON)
    assert (signal.error_class, signal.principal) == (ErrorClass.NO_ERROR, change.by)


def test_a_quarantine_that_the_tracker_reports_is_read_as_the_most_specific_signal(clients: Clients) -> None:
    url = clients.sqs.create_queue(QueueName="Signals")["QueueUrl"]
    change = replace(DEACTIVATION, event_name="AttachUserPolicy")
    a_queue(clients, url).report_leak(change)
    [message] = clients.sqs.receive_message(QueueUrl=url)["Messages"]
    signal = signal_in(message["Body"])
    assert signal is not None
    assert (signal.predicted_outage, signal.incident_key) == (change, key_id())
    assert (signal.error_class, signal.is_failed_call) == (ErrorClass.KEY_REJECTED, False)


@pytest.mark.parametrize("event_name", ["UpdateAccessKey", "DeleteAccessKey"])
def test_a_change_that_the_tracker_reports_is_read_as_a_change_without_delay(
    clients: Clients, event_name: str
) -> None:
    url = clients.sqs.create_queue(QueueName="Signals")["QueueUrl"]
    change = replace(DEACTIVATION, event_name=event_name)
    a_queue(clients, url).report_change(change)
    [message] = clients.sqs.receive_message(QueueUrl=url)["Messages"]
    signal = signal_in(message["Body"])
    assert signal is not None
    assert (signal.state_change, signal.predicted_outage, signal.incident_key) == (change, None, key_id())
    assert not signal.is_failed_call


@pytest.mark.parametrize(
    ("event_name", "seconds"), [("UpdateAccessKey", 0), ("DeleteAccessKey", GRACE), ("DeleteUser", 0)]
)
def test_only_the_deletion_of_a_key_is_delayed_for_that_of_its_user(
    clients: Clients, event_name: str, seconds: int
) -> None:
    sent: list[int] = []
    clients.sqs.meta.events.register(
        "provide-client-params.sqs.SendMessage", lambda params, **_: sent.append(params["DelaySeconds"])
    )
    with Stubber(clients.sqs) as stub:
        stub.add_response("send_message", {})
        a_queue(clients).report_predicted_outage(replace(DEACTIVATION, event_name=event_name))
    assert sent == [seconds]


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "AccessDenied"])
def test_a_message_that_cannot_be_sent_is_a_transient_error(clients: Clients, code: str) -> None:
    with Stubber(clients.sqs) as stub:
        stub.add_client_error("send_message", code)
        with pytest.raises(TransientError, match=f"sqs:SendMessage: {code}"):
            a_queue(clients).report_predicted_outage(DEACTIVATION)


DETAIL = {
    "accessKeyId": key_id(),
    "eventName": "DeleteUser",
    "at": NOON.isoformat(),
    "by": "user/bob",
    "userName": "alice",
}


def a_body(**detail: Any) -> str:
    return json.dumps({"detail-type": PREDICTED_OUTAGE, "account": ACCOUNT, "detail": DETAIL | detail})


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"detail-type": PREDICTED_OUTAGE}),
        json.dumps({"detail-type": PREDICTED_OUTAGE, "detail": "text"}),
        a_body(accessKeyId=None),
        a_body(accessKeyId="not an id"),
        a_body(at=None),
        a_body(at="yesterday"),
        a_body(at=7),
    ],
)
def test_a_message_without_a_key_or_a_time_is_rejected(body: str) -> None:
    with pytest.raises(PermanentError, match="which key was changed, or when"):
        signal_in(body)


@given(
    st.sampled_from(["eventName", "by", "userName"]),
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2),
)
def test_a_message_with_any_other_field_of_any_type_is_still_a_signal(name: str, value: Any) -> None:
    signal = signal_in(a_body(**{name: value}))
    assert signal is not None
    assert signal.predicted_outage is not None
    assert all(" " <= character <= "~" for character in signal.predicted_outage.by + signal.operation)
