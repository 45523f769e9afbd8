"""The function crashes right before and right after every call to AWS; then it is retried."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from lambdas.alerting.adapters.incident_bus import EventBridgeIncidentBus
from lambdas.alerting.adapters.sns_topics import SnsAlertTopic, SnsChatTopic
from lambdas.alerting.delivery import Delivery
from lambdas.aws.adapters.iam import IamReader
from lambdas.aws.adapters.probe_key import IamProbeKey
from lambdas.decisions.exemption_filter import ExemptionFilter
from lambdas.diagnosis.evidence_gatherer import EvidenceGatherer
from lambdas.incidents.adapters.incident_claims import CLAIM_SECONDS
from lambdas.remediation.due_incidents import process_due_incidents
from lambdas.remediation.pipeline import Remediator
from lambdas.rotation.domain.modes import Mode
from tests.contract.incidents.test_incidents import Tables, a_group
from tests.support.builders import HOME, NOON, POLICY, a_caller, a_signal
from tests.support.fakes import (
    FakeAccounts,
    FakeDeliveryRecords,
    FakeExemptions,
    FakeLedger,
    FakeOwnerAlerts,
    FakeRotationService,
    FakeTrail,
    FakeUnknownIds,
)

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

CALLS = [
    "Query",
    "TransactWriteItems",
    "GetAccessKeyLastUsed",
    "ListAccessKeys",
    "GetUser",
    "ListAttachedUserPolicies",
    "PutEvents",
    "Publish to Chat",
    "Publish to Alerts",
    "UpdateItem",
]
SENDING = [
    "Query",
    "Query",
    "GetItem",
    "UpdateItem",
    "Publish to Chat",
    "UpdateItem",
    "Publish to Alerts",
    "UpdateItem",
    "UpdateItem",
]
CLOSING = [
    "Query",
    "Query",
    "GetItem",
    "UpdateItem",
    "UpdateItem",
    "GetAccessKeyLastUsed",
    "ListAccessKeys",
    "GetUser",
    "ListAttachedUserPolicies",
    "PutEvents",
    "Publish to Chat",
    "Publish to Alerts",
    "UpdateItem",
]
NEVER = (-1, "")
TOPICS = ("Alerts", "Chat")


def expected_deliveries(topic: str, calls: list[str], call: int, moment: str) -> int:
    """Twice, if it crashes after the message was sent and before that was recorded."""
    out = calls.index(f"Publish to {topic}")
    recorded = calls.index("UpdateItem", out)
    dies = 2 * call + (moment == "after")
    return 2 if 2 * out + 1 <= dies <= 2 * recorded else 1


class Crash(BaseException):
    """The process is gone: nothing in the code may catch this."""


@dataclass
class Deployment:
    """An account on moto in which alice's key is inactive, and a remediator that may crash."""

    clients: Clients
    crash_at: tuple[int, str] = NEVER
    refusing: tuple[str, ...] = ()
    refused: list[str] = field(default_factory=list)
    exemptions: FakeExemptions = field(default_factory=FakeExemptions)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tables = Tables(self.clients)
        self.clients.iam.create_user(UserName="alice")
        self.key = self.clients.iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
        self.clients.iam.update_access_key(UserName="alice", AccessKeyId=self.key, Status="Inactive")
        self.clients.events.create_event_bus(Name="Incidents")
        self.topics = {name: self.clients.sns.create_topic(Name=name)["TopicArn"] for name in TOPICS}
        self.inboxes = {name: self._subscribed(topic) for name, topic in self.topics.items()}
        for client in (self.clients.iam, self.clients.dynamodb, self.clients.sns, self.clients.events):
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)
        self.clients.sns.meta.events.register("before-call.sns.Publish", self._refuse)

    def _subscribed(self, topic: str) -> str:
        queue = self.clients.sqs.create_queue(QueueName=topic.rsplit(":", maxsplit=1)[-1])["QueueUrl"]
        arn = self.clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        self.clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
        return queue

    @property
    def iam(self) -> IamReader:
        return IamReader(lambda: self.clients.iam)

    def deliver(self, worker: str, source: str = "203.0.113.7") -> None:
        """One delivery of a failure's message to a fresh worker."""
        self.remediator(worker).remediate(a_group(a_signal(self.key, caller=a_caller(source))))

    def run_timer(self, worker: str) -> None:
        """One run of the timer, by a new worker."""
        outcome = process_due_incidents(self.remediator(worker), lambda: 30)
        assert outcome.failures == []

    def remediator(self, worker: str) -> Remediator:
        return Remediator(
            deployment=HOME,
            deployment_mode=Mode.NOTIFY,
            gatherer=EvidenceGatherer(
                iam=self.iam,
                probe_key=IamProbeKey(self.iam, self.clients, "Leases"),
                trail=FakeTrail(),
                accounts=FakeAccounts(),
                ledger=FakeLedger(),
                rotation_contexts=FakeRotationService().enrolments,
                account=HOME.account,
            ),
            executor=FakeRotationService().executor,
            exemption_filter=ExemptionFilter(
                exemptions=self.exemptions, clock=lambda: NOON, report_failure=print
            ),
            incidents=self.tables.worker(worker),
            delivery=Delivery(
                topic=SnsAlertTopic(self.clients, self.topics["Alerts"]),
                chat=SnsChatTopic(self.clients, self.topics["Chat"]),
                bus=EventBridgeIncidentBus(self.clients, "Incidents"),
                records=FakeDeliveryRecords(),
                wait_for_turn=lambda _: None,
                report_failure=lambda channel, _: self.refused.append(channel),
            ),
            unknown_ids=FakeUnknownIds(clock=lambda: self.tables.now),
            owner_alerts=FakeOwnerAlerts(clock=lambda: self.tables.now),
            update_policy=POLICY,
            clock=lambda: self.tables.now,
            report_failure=print,
        )

    def subjects(self) -> list[str]:
        """Of all alerts since the last look."""
        notifications = self.received("Alerts")
        assert {it["MessageAttributes"]["cause"]["Value"] for it in notifications} <= {"key-inactive"}
        return [it["Subject"] for it in notifications]

    def chat(self) -> list[str]:
        """The threads of all messages since the last look."""
        return [json.loads(it["Message"])["metadata"]["threadId"] for it in self.received("Chat")]

    def received(self, topic: str) -> list[dict[str, Any]]:
        answer = self.clients.sqs.receive_message(QueueUrl=self.inboxes[topic], MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", ())]

    def _before(self, model: Any, params: Any, **_: object) -> None:
        topic = topic_of(params) if model.name == "Publish" else ""
        self.calls.append(f"Publish to {topic}" if topic else model.name)
        self._crash_if("before")

    def _after(self, **_: object) -> None:
        self._crash_if("after")

    def _crash_if(self, moment: str) -> None:
        if self.crash_at == (len(self.calls) - 1, moment):
            self.crash_at = NEVER
            raise Crash

    def _refuse(self, params: Any, **_: object) -> None:
        if topic_of(params) in self.refusing:
            raise ClientError({"Error": {"Code": "Throttled"}}, "Publish")

    def crashes_in_a_run_at(self, call: int, moment: str) -> None:
        self.calls.clear()
        self.crash_at = (call, moment)
        with pytest.raises(Crash):
            self.run_timer("crashes")


def topic_of(params: Any) -> str:
    return str(params["body"]["TopicArn"]).rpartition(":")[2]


def test_the_list_of_calls_is_complete(clients: Clients) -> None:
    deployment = Deployment(clients)
    deployment.deliver("worker")
    assert deployment.calls == CALLS


def crashed(clients: Clients, call: int, moment: str) -> Deployment:
    """A deployment whose worker crashed at the call, after the worker's claim has expired."""
    deployment = Deployment(clients, crash_at=(call, moment))
    with pytest.raises(Crash):
        deployment.deliver("crashes")
    deployment.tables.now += timedelta(seconds=CLAIM_SECONDS + 1)
    return deployment


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(len(CALLS)), ids=CALLS)
def test_no_crash_loses_the_alert_and_only_one_can_repeat_it(
    clients: Clients, call: int, moment: str
) -> None:
    deployment = crashed(clients, call, moment)
    deployment.deliver("successor")
    deployment.deliver("repeat")
    assert len(deployment.subjects()) == expected_deliveries("Alerts", CALLS, call, moment)
    assert len(deployment.chat()) == expected_deliveries("Chat", CALLS, call, moment)
    [item] = deployment.tables.items()
    assert (item["attention"], item["cause"]) == ({"S": "told"}, {"S": "key-inactive"})


OPENED = CALLS.index("TransactWriteItems")


@pytest.mark.parametrize(
    ("call", "moment"),
    [
        (OPENED, "after"),
        *((call, it) for call in range(OPENED + 1, len(CALLS)) for it in ("before", "after")),
    ],
)
def test_no_crash_after_the_opening_loses_the_alert_though_its_message_never_comes_again(
    clients: Clients, call: int, moment: str
) -> None:
    deployment = crashed(clients, call, moment)
    deployment.run_timer("timer")
    deployment.run_timer("timer")
    assert len(deployment.subjects()) == expected_deliveries("Alerts", CALLS, call, moment)
    assert len(deployment.chat()) == expected_deliveries("Chat", CALLS, call, moment)


def an_alert_is_pending(clients: Clients, *refusing: str) -> Deployment:
    deployment = Deployment(clients, refusing=refusing or TOPICS)
    deployment.deliver("worker")
    deployment.deliver("repeat")
    deployment.refusing = ()
    deployment.tables.now += timedelta(minutes=1)
    return deployment


def test_what_the_topic_refused_is_sent_by_the_timer_once(clients: Clients) -> None:
    deployment = an_alert_is_pending(clients)
    deployment.calls.clear()
    deployment.run_timer("timer")
    assert deployment.calls == SENDING
    deployment.deliver("repeat")
    deployment.tables.now += timedelta(minutes=6)
    deployment.run_timer("timer")
    assert (len(deployment.subjects()), len(deployment.chat())) == (1, 1)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_that_refuses_neither_delays_nor_repeats_the_other(clients: Clients, topic: str) -> None:
    deployment = an_alert_is_pending(clients, topic)
    at_once = (len(deployment.subjects()), len(deployment.chat()))
    assert at_once == ((0, 1) if topic == "Alerts" else (1, 0))
    deployment.run_timer("timer")
    later = (len(deployment.subjects()), len(deployment.chat()))
    assert later == ((1, 0) if topic == "Alerts" else (0, 1))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(len(SENDING)))
def test_no_crash_while_the_outbox_is_sent_loses_a_message_and_only_one_can_repeat_it(
    clients: Clients, call: int, moment: str
) -> None:
    deployment = an_alert_is_pending(clients)
    deployment.crashes_in_a_run_at(call, moment)
    deployment.tables.now += timedelta(minutes=6)
    deployment.run_timer("timer")
    assert len(deployment.subjects()) == expected_deliveries("Alerts", SENDING, call, moment)
    assert len(deployment.chat()) == expected_deliveries("Chat", SENDING, call, moment)


def an_incident_is_over(clients: Clients) -> Deployment:
    deployment = Deployment(clients)
    deployment.deliver("worker")
    assert (len(deployment.subjects()), len(deployment.chat())) == (1, 1)
    deployment.tables.now += POLICY.quiet
    deployment.calls.clear()
    return deployment


def test_the_closing_is_reported_once(clients: Clients) -> None:
    deployment = an_incident_is_over(clients)
    deployment.run_timer("timer")
    assert deployment.calls == CLOSING
    deployment.tables.now += timedelta(days=1)
    deployment.run_timer("timer")
    assert ["closed" in subject for subject in deployment.subjects()] == [True]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(len(CLOSING)))
def test_no_crash_loses_the_closing_and_only_one_can_repeat_it(
    clients: Clients, call: int, moment: str
) -> None:
    deployment = an_incident_is_over(clients)
    deployment.crashes_in_a_run_at(call, moment)
    deployment.tables.now += timedelta(minutes=6)
    deployment.run_timer("timer")
    deployment.run_timer("timer")
    subjects = deployment.subjects()
    assert len(subjects) == expected_deliveries("Alerts", CLOSING, call, moment)
    assert len(deployment.chat()) == expected_deliveries("Chat", CLOSING, call, moment)
    assert all("closed" in subject for subject in subjects)
    [item] = deployment.tables.items()
    assert (item["state"], item["ended"]) == ({"S": "closed"}, {"BOOL": True})


def test_a_closing_that_two_runs_and_the_next_failure_meet_is_reported_once(clients: Clients) -> None:
    deployment = an_incident_is_over(clients)
    deployment.deliver("next")
    deployment.run_timer("timer")
    deployment.run_timer("another")
    assert sorted("closed" in subject for subject in deployment.subjects()) == [False, True]
