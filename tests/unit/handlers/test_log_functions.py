from __future__ import annotations

from dataclasses import dataclass, field
from http.client import HTTPSConnection
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.detection.adapters.cloudformation_answer import put_answer
from lambdas.detection.log_delivery import refusals_in
from lambdas.detection.subscriber import Subscriber
from lambdas.errors import TransientError
from lambdas.handlers.bootstrap import subscribe_logs
from lambdas.handlers.bootstrap.read_logs import ReadLogsFunction
from lambdas.handlers.bootstrap.subscribe_logs import SubscribeLogsFunction
from tests.support.builders import ACCOUNT, signal_in
from tests.unit.detection.test_log_delivery import KEY, REGION, a_line, delivered
from tests.unit.detection.test_log_subscriptions import FakeSubscriptions, a_request

if TYPE_CHECKING:
    from collections.abc import Sequence

URL = "https://cloudformation.example.com/answer?X-Amz-Signature=0123456789abcdef"


@dataclass
class FakeQueue:
    bodies: list[str] = field(default_factory=list)

    def send(self, bodies: Sequence[str]) -> None:
        self.bodies += bodies


def a_subscriber(subscriptions: Any) -> SubscribeLogsFunction:
    return SubscribeLogsFunction(
        subscriber=Subscriber(subscriptions=subscriptions), log_groups=("orders", "web"), ca_bundle=""
    )


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What CloudFormation gets."""
    sent: list[Any] = []
    monkeypatch.setattr(
        subscribe_logs, "put_answer", lambda url, answer, **_: sent.append((url, answer["Status"]))
    )
    return sent


def test_what_read_logs_sends_is_what_remediate_reads() -> None:
    queue = FakeQueue()
    ReadLogsFunction(queue=queue, account=ACCOUNT, region=REGION).send(refusals_in(delivered(a_line())))
    [body] = queue.bodies
    signal = signal_in(body)
    assert signal is not None
    assert signal.access_key_id == KEY


def test_cloudformation_gets_an_answer(answers: list[Any]) -> None:
    subscriptions = FakeSubscriptions()
    a_subscriber(subscriptions).answer_cloudformation(a_request("Create", ["orders"]) | {"ResponseURL": URL})
    assert (answers, subscriptions.filters) == ([(URL, "SUCCESS")], {"orders"})


def test_cloudformation_gets_an_answer_even_if_the_function_fails(answers: list[Any]) -> None:
    subscriptions = FakeSubscriptions(failing={"orders": ZeroDivisionError()})
    with pytest.raises(ZeroDivisionError):
        a_subscriber(subscriptions).answer_cloudformation(
            a_request("Create", ["orders"]) | {"ResponseURL": URL}
        )
    assert answers == [(URL, "FAILED")]


def test_the_schedule_subscribes_to_all_configured_log_groups() -> None:
    subscriptions = FakeSubscriptions()
    a_subscriber(subscriptions).subscribe_all()
    assert subscriptions.filters == {"orders", "web"}


def test_no_error_shows_the_address_at_which_anybody_could_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_named: Any) -> None:
        raise ConnectionRefusedError(URL)

    monkeypatch.setattr(HTTPSConnection, "request", refuse)
    with pytest.raises(TransientError) as raised:
        put_answer(URL, {"Status": "SUCCESS"}, ca_bundle="")
    assert str(raised.value) == "answer to CloudFormation: ConnectionRefusedError"
    assert raised.value.__suppress_context__
