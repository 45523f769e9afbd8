"""The function dies at every call to AWS, right before it and right after it; then it is tried again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.adapters.alert_topic import BotoAlertTopic
from lambdas.adapters.iam import BotoIam
from lambdas.adapters.incident_bus import BotoIncidentBus
from lambdas.adapters.incident_table import CLAIM_SECONDS
from lambdas.adapters.witness_item import WitnessItem
from lambdas.domain.cause import Mode
from lambdas.exemptions import Exempting
from lambdas.gather import Sources
from lambdas.pipeline import Remediator
from tests.builders import HOME, NOON, a_signal
from tests.contract.test_incidents import Tables, sightings
from tests.fakes import FakeAccounts, FakeExemptions, FakeLedger, FakeRotationService, FakeTrail

if TYPE_CHECKING:
    from lambdas.adapters.clients import Clients

CALLS = [
    "Query",
    "TransactWriteItems",
    "GetAccessKeyLastUsed",
    "ListAccessKeys",
    "GetUser",
    "ListAttachedUserPolicies",
    "PutEvents",
    "Publish",
    "UpdateItem",
]
ALERT_IS_OUT_BUT_NOT_RECORDED = {("Publish", "after"), ("UpdateItem", "before")}


class Crash(BaseException):
    """The process is gone: nothing in the code may catch this."""


@dataclass
class Deployment:
    """An account on moto in which alice's key is inactive, and a remediator that may die."""

    clients: Clients
    die_at: tuple[str, str] = ("", "")
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tables = Tables(self.clients)
        self.clients.iam.create_user(UserName="alice")
        self.key = self.clients.iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
        self.clients.iam.update_access_key(UserName="alice", AccessKeyId=self.key, Status="Inactive")
        self.topic = self.clients.sns.create_topic(Name="Alerts")["TopicArn"]
        self.clients.events.create_event_bus(Name="Incidents")
        self.inbox = self.clients.sqs.create_queue(QueueName="Inbox")["QueueUrl"]
        arn = self.clients.sqs.get_queue_attributes(QueueUrl=self.inbox, AttributeNames=["QueueArn"])
        self.clients.sns.subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"]
        )
        for client in (self.clients.iam, self.clients.dynamodb, self.clients.sns, self.clients.events):
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)

    @property
    def iam(self) -> BotoIam:
        return BotoIam(lambda: self.clients.iam, WitnessItem(lambda: self.clients.dynamodb, "Leases"))

    def deliver(self, worker: str) -> None:
        """One delivery of the failure's message to a fresh worker."""
        remediator = Remediator(
            home=HOME,
            stage_mode=Mode.NOTIFY,
            sources=Sources(
                iam=self.iam,
                trail=FakeTrail(),
                accounts=FakeAccounts(),
                ledger=FakeLedger(),
                enrolments=FakeRotationService().enrolments,
            ),
            acting=FakeRotationService().acting,
            exempting=Exempting(exemptions=FakeExemptions(), clock=lambda: NOON, tell_failure=print),
            incidents=self.tables.worker(worker),
            alerts=BotoAlertTopic(lambda: self.clients.sns, self.topic),
            bus=BotoIncidentBus(lambda: self.clients.events, "Incidents"),
        )
        remediator.remediate(sightings(a_signal(self.key)))

    def alerts(self) -> int:
        answer = self.clients.sqs.receive_message(QueueUrl=self.inbox, MaxNumberOfMessages=10)
        causes = [
            json.loads(message["Body"])["MessageAttributes"]["cause"]["Value"]
            for message in answer.get("Messages", ())
        ]
        assert set(causes) <= {"key-inactive"}
        return len(causes)

    def _before(self, model: Any, **_: object) -> None:
        self.calls.append(model.name)
        if self.die_at == (model.name, "before"):
            self.die_at = ("", "")
            raise Crash

    def _after(self, model: Any, **_: object) -> None:
        if self.die_at == (model.name, "after"):
            self.die_at = ("", "")
            raise Crash


def test_the_calls_are_those_at_which_it_dies_below(clients: Clients) -> None:
    deployment = Deployment(clients)
    deployment.deliver("worker")
    assert deployment.calls == CALLS


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_no_crash_loses_the_alert_and_one_alone_can_double_it(
    clients: Clients, call: str, moment: str
) -> None:
    deployment = Deployment(clients, die_at=(call, moment))
    with pytest.raises(Crash):
        deployment.deliver("dies")
    deployment.tables.now += timedelta(seconds=CLAIM_SECONDS + 1)
    deployment.deliver("successor")
    deployment.deliver("repeat")
    may_be_doubled = (call, moment) in ALERT_IS_OUT_BUT_NOT_RECORDED
    assert deployment.alerts() == (2 if may_be_doubled else 1)
    [item] = deployment.tables.items()
    assert (item["attention"], item["cause"]) == ({"S": "told"}, {"S": "key-inactive"})
