"""The tracker crashes at each call to AWS, right before it or right after it, and is then retried."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from lambdas.aws.adapters.iam import IamReader
from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.ledger.adapters.signal_queue import SqsSignalQueue
from lambdas.ledger.tracker import Tracker
from tests.support.builders import ACCOUNT, an_event, signal_in
from tests.support.fakes import FakeEnrolmentQueue
from tests.support.iam_records import an_iam_record
from tests.support.ledger_on_moto import LedgerOnMoto
from tests.support.ledgers import WINDOW

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients
    from lambdas.ledger.domain.key_state_change import KeyStateChange

READ_USER = ("GetItem", 1)
MERGE_KEY = [("GetItem", 2), ("PutItem", 1)]
MERGE_USE = [("GetItem", 3), ("PutItem", 2)]
CALLS = [READ_USER, *MERGE_KEY, ("GetAccessKeyLastUsed", 1), *MERGE_USE, ("SendMessage", 1)]
SIGNAL_IS_SENT = ("SendMessage", 1, "after")


class Crash(BaseException):
    """The process ends: no code may catch this."""


@dataclass
class Deployment:
    """An account on moto in which alice's key, which was in use, is deactivated, and a tracker that crashes
    before or after the given call.
    """

    clients: Clients
    crash_at: tuple[str, int, str] = ("", 0, "")
    calls: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = LedgerOnMoto(self.clients).ledger
        self.now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        self.queue = self.clients.sqs.create_queue(QueueName="Signals")["QueueUrl"]
        self.clients.iam.create_user(UserName="alice")
        self.key = self._used_key()
        self.clients.iam.update_access_key(UserName="alice", AccessKeyId=self.key, Status="Inactive")
        for client in (self.clients.iam, self.clients.dynamodb, self.clients.sqs):
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)

    def _used_key(self) -> str:
        key = self.clients.iam.create_access_key(UserName="alice")["AccessKey"]
        secret = key["SecretAccessKey"]
        boto3.client(
            "sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=secret
        ).get_caller_identity()
        return key["AccessKeyId"]

    def deliver(self) -> None:
        """One delivery of the deactivation's record to a fresh tracker."""
        parameters = {"userName": "alice", "accessKeyId": self.key, "status": "Inactive"}
        record = an_iam_record("UpdateAccessKey", requestParameters=parameters)
        event = parse_iam_event(an_event(record | {"eventTime": self.now.isoformat()}))
        assert event is not None
        tracker = Tracker(
            ledger=self.ledger,
            iam=IamReader(lambda: self.clients.iam),
            signals=SqsSignalQueue(self.clients, self.queue, account=ACCOUNT, deletion_grace_seconds=90),
            enrolments=FakeEnrolmentQueue(),
            window=WINDOW,
            clock=lambda: self.now,
            own_roles=(),
            explains=lambda *_: False,
        )
        tracker.track(event)

    def signals(self) -> list[KeyStateChange | None]:
        answer = self.clients.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        read = [signal_in(message["Body"]) for message in answer.get("Messages", ())]
        return [signal.predicted_outage for signal in read if signal]

    def _before(self, model: Any, **_: object) -> None:
        self.calls.append((model.name, [name for name, _ in self.calls].count(model.name) + 1))
        self._crash((*self.calls[-1], "before"))

    def _after(self, **_: object) -> None:
        self._crash((*self.calls[-1], "after"))

    def _crash(self, moment: tuple[str, int, str]) -> None:
        if moment == self.crash_at:
            raise Crash


def test_the_list_of_calls_is_complete(clients: Clients) -> None:
    deployment = Deployment(clients)
    deployment.deliver()
    assert deployment.calls == CALLS
    assert len(deployment.signals()) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_no_crash_loses_the_signal_and_only_one_repeats_it(
    clients: Clients, call: tuple[str, int], moment: str
) -> None:
    deployment = Deployment(clients, crash_at=(*call, moment))
    with pytest.raises(Crash):
        deployment.deliver()
    deployment.deliver()
    entry = deployment.ledger.key(deployment.key)
    assert entry is not None
    assert (entry.owner, entry.state, entry.deletion) == ("alice", "Inactive", None)
    assert entry.status is not None
    assert (entry.status.at, entry.status.by) == (deployment.now, "user/staff/bob")
    assert entry.last_use is not None
    signals = deployment.signals()
    assert len(signals) == (2 if (*call, moment) == SIGNAL_IS_SENT else 1)
    assert {signal.access_key_id for signal in signals if signal} == {deployment.key}
