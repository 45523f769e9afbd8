"""The function crashes right before and right after every call by which it sends a notification; then the
message is delivered again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.alerting.adapters.delivery_records import CLAIM_SECONDS, DynamoDeliveryRecords
from lambdas.alerting.adapters.incident_bus import EventBridgeIncidentBus
from lambdas.alerting.adapters.sns_topics import SnsAlertTopic, SnsChatTopic
from lambdas.alerting.delivery import Delivery
from lambdas.errors import BusyError
from lambdas.incidents.adapters.key_incidents import DynamoKeyIncidents
from lambdas.incidents.domain.incident import RotationEnd
from lambdas.remediation.notification_dispatcher import NotificationDispatcher
from lambdas.rotation.domain.rotation_state import RotationState
from tests.contract.incidents.test_incidents import Tables, a_group, save_as_alerted
from tests.contract.remediation.test_crashes import TOPICS, Crash, expected_deliveries, topic_of
from tests.support.builders import HOME, NOON, a_notification, a_signal, key_id
from tests.support.fakes import FakeLedger

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

# The record, the incident, the claim; the incident's rotation, its event, the record of it; chat; alerts.
CALLS = [
    "GetItem",
    "Query",
    "UpdateItem",
    *("UpdateItem", "PutEvents", "UpdateItem"),
    *("Publish to Chat", "UpdateItem"),
    *("Publish to Alerts", "UpdateItem"),
]
NOTIFICATION = a_notification(new_key_id=key_id(2))


class NoRotations:
    def read(self, secret_name: str) -> RotationState:
        return RotationState(secret_name=secret_name)


@dataclass
class Deployment:
    """An account on moto in which alice's key has an open incident; the process crashes at the call with that
    number, before or after it.
    """

    clients: Clients
    crash_at: int = -1
    moment: str = ""
    calls: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    watched: bool = False

    def __post_init__(self) -> None:
        self.tables = Tables(self.clients)
        worker = self.tables.worker("remediator")
        save_as_alerted(worker, worker.record(a_group(a_signal(key_id()))).incident)
        self.clients.events.create_event_bus(Name="Incidents")
        self.topics = {name: self.clients.sns.create_topic(Name=name)["TopicArn"] for name in TOPICS}
        for client in (self.clients.dynamodb, self.clients.sns, self.clients.events):
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)

    def deliver(self) -> bool:
        dispatcher = NotificationDispatcher(
            delivery=Delivery(
                topic=SnsAlertTopic(self.clients, self.topics["Alerts"]),
                chat=SnsChatTopic(self.clients, self.topics["Chat"]),
                bus=EventBridgeIncidentBus(self.clients, "Incidents"),
                records=DynamoDeliveryRecords(self.clients, "Leases", clock=lambda: self.tables.now),
                wait_for_turn=lambda _: None,
                report_failure=lambda *_: None,
            ),
            incidents=DynamoKeyIncidents(self.clients, "Incidents"),
            ledger=FakeLedger(),
            rotations=NoRotations(),
            deployment=HOME,
            region="us-east-1",
            clock=lambda: self.tables.now,
        )
        self.watched = True
        try:
            return dispatcher.send(NOTIFICATION)
        finally:
            self.watched = False

    def published(self, topic: str) -> int:
        return self.answered.count(f"Publish to {topic}")

    def _before(self, model: Any, params: Any, **_: object) -> None:
        if self.watched:
            topic = topic_of(params) if model.name == "Publish" else ""
            self.calls.append(f"Publish to {topic}" if topic else model.name)
            self._crash_if("before")

    def _after(self, **_: object) -> None:
        if self.watched:
            self.answered.append(self.calls[-1])
            self._crash_if("after")

    def _crash_if(self, moment: str) -> None:
        if (len(self.calls) - 1, moment) == (self.crash_at, self.moment):
            self.crash_at = -1
            raise Crash


def test_the_list_of_calls_is_complete(clients: Clients) -> None:
    deployment = Deployment(clients)
    deployment.deliver()
    assert deployment.calls == CALLS


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda number: f"{number}-{CALLS[number]}")
def test_no_crash_loses_a_notification_and_only_one_can_repeat_it(
    clients: Clients, number: int, moment: str
) -> None:
    deployment = Deployment(clients, crash_at=number, moment=moment)
    with pytest.raises(Crash):
        deployment.deliver()
    deployment.tables.now += timedelta(seconds=CLAIM_SECONDS + 1)
    deployment.deliver()
    deployment.deliver()
    for topic in TOPICS:
        assert deployment.published(topic) == expected_deliveries(topic, CALLS, number, moment)
    [item] = deployment.tables.items()
    assert item["rotation"]["M"]["outcome"] == {"S": "succeeded"}


def test_while_one_worker_sends_it_another_leaves_it_alone(clients: Clients) -> None:
    deployment = Deployment(clients, crash_at=CALLS.index("PutEvents"), moment="before")
    with pytest.raises(Crash):
        deployment.deliver()
    with pytest.raises(BusyError):
        deployment.deliver()
    assert (deployment.published("Alerts"), deployment.published("Chat")) == (0, 0)


def test_a_closed_incident_is_left_as_it_is(clients: Clients) -> None:
    deployment = Deployment(clients)
    incidents = DynamoKeyIncidents(clients, "Incidents")
    incident = incidents.open_incident(key_id())
    assert incident
    clients.dynamodb.update_item(
        TableName="Incidents",
        Key={"accessKeyId": {"S": key_id()}, "openedAt": {"S": incident.opened_at}},
        UpdateExpression="SET #state = :closed",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":closed": {"S": "closed"}},
    )
    incidents.record_rotation(incident, RotationEnd(succeeded=True, at=NOON))
    assert incidents.open_incident(key_id()) is None
    [item] = deployment.tables.items()
    assert "rotation" not in item
