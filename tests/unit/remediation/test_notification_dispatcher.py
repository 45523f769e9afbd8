"""A notification is told once, to whomever it concerns; nothing of it is lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.alerting.delivery import Delivery
from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.errors import BusyError, PermanentError, TransientError
from lambdas.incidents.domain.rotation_outcome import rotation_map
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.remediation.notification_dispatcher import NotificationDispatcher
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.rotation.domain.notification_ids import failed_id, succeeded_id
from lambdas.rotation.domain.rotation_state import RotationState
from tests.support.builders import HOME, NOON, a_finding, a_notification, an_incident, key_id
from tests.support.fail_over_scenarios import rotated_and_dead
from tests.support.fakes import FakeBus, FakeChat, FakeDeliveryRecords, FakeLedger, FakeTopic
from tests.support.rotation_runs import a_fail_over

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.deployment import Deployment
    from lambdas.incidents.domain.incident import Incident, RotationEnd

SECRET, TOKEN = "access-keys/alice", "7ac47c8c-f328-423b-9698-6926dd1f293e"
SUCCEEDED = a_notification(notification_id=succeeded_id(SECRET, TOKEN), new_key_id=key_id(2))
FAILED = a_notification(
    NotificationKind.ROTATION_FAILED,
    notification_id=failed_id(SECRET, TOKEN),
    unless_sent=succeeded_id(SECRET, TOKEN),
    reason="no room for a new key",
)


@dataclass
class FakeRotatedIncidents:
    open: dict[str, Incident] = field(default_factory=dict)

    def open_incident(self, access_key_id: str) -> Incident | None:
        return self.open.get(access_key_id)

    def record_rotation(self, incident: Incident, end: RotationEnd) -> None:
        self.open[incident.key] = replace(incident, rotation=end)


@dataclass
class Room:
    records: FakeDeliveryRecords = field(default_factory=FakeDeliveryRecords)
    incidents: FakeRotatedIncidents = field(default_factory=FakeRotatedIncidents)
    bus: FakeBus = field(default_factory=FakeBus)
    chat: FakeChat = field(default_factory=FakeChat)
    alerts: FakeTopic = field(default_factory=FakeTopic)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    now: datetime = NOON
    home: Deployment = HOME
    states: dict[str, RotationState] = field(default_factory=dict)

    def read(self, secret_name: str) -> RotationState:
        return self.states.get(secret_name, RotationState(secret_name=secret_name, user_name="alice"))

    def tell(self, notification: Notification) -> bool:
        dispatcher = NotificationDispatcher(
            delivery=Delivery(
                topic=self.alerts,
                chat=self.chat,
                bus=self.bus,
                records=self.records,
                report_failure=lambda *_: None,
            ),
            incidents=self.incidents,
            ledger=self.ledger,
            rotations=self,
            home=self.home,
            region="eu-central-1",
            clock=lambda: self.now,
        )
        return dispatcher.send(notification)


@pytest.fixture
def room() -> Room:
    return Room()


def with_incident(room: Room) -> Room:
    room.incidents.open[key_id()] = an_incident(latest=a_finding().assessment)
    return room


def test_a_notice_is_told_once_however_often_it_comes(room: Room) -> None:
    assert [room.tell(SUCCEEDED) for _ in range(3)] == [True, False, False]
    assert len(room.alerts.alerts) == 1


def test_of_notices_alike_the_first_alone_is_told(room: Room) -> None:
    alike = [
        a_notification(
            NotificationKind.CLAIM_REFUSED,
            notification_id=f"fact {n}",
            unless_sent="alike",
            counts_as="alike",
        )
        for n in range(3)
    ]
    assert [room.tell(one) for one in (*alike, *alike)] == [True, *[False] * 5]
    assert len(room.alerts.alerts) == 1
    assert room.tell(replace(alike[1], unless_sent="the next day's", counts_as="the next day's"))


@pytest.mark.parametrize(
    ("tag", "contact"), [("team-a@example.com", "team-a@example.com"), ("team-a@elsewhere.example", "-")]
)
def test_the_owners_contact_is_told_if_its_domain_is_accepted(room: Room, tag: str, contact: str) -> None:
    room.home = replace(HOME, contact_domains=frozenset({"example.com"}))
    room.ledger.users["alice"] = UserEntry(
        name="alice", tags={CONTACT_TAG: Observed(value=tag, at=NOON, by="user/bob")}
    )
    room.tell(SUCCEEDED)
    assert room.alerts.alerts[0].attributes["contact"] == contact


def test_whose_secret_it_is_is_known_though_the_notice_does_not_say(room: Room) -> None:
    room.tell(replace(FAILED, user_name=""))
    assert room.alerts.alerts[0].attributes["owner"] == "alice"


def test_a_failure_is_not_told_once_the_rotation_has_succeeded(room: Room) -> None:
    room.tell(SUCCEEDED)
    assert room.tell(FAILED) is False
    assert len(room.alerts.alerts) == 1


def test_a_label_that_a_fail_over_takes_off_long_after_makes_no_failure_of_the_rotation(room: Room) -> None:
    world = rotated_and_dead()
    [token] = [version for version, labels in world.labels.items() if {"AWSCURRENT", "AWSPENDING"} <= labels]
    world.now += timedelta(days=90)
    a_fail_over(world).to_previous(SECRET, "another")
    assert "AWSPENDING" not in world.labels[token], "Secrets Manager records that as RotationAbandoned"
    room.states = world.states
    lost = replace(FAILED, notification_id=failed_id(SECRET, token), token=token, unless_finished=True)
    assert not room.tell(lost)
    assert not room.alerts.alerts
    assert room.tell(replace(lost, notification_id=failed_id(SECRET, "dead"), token="dead"))


def test_a_failure_that_was_told_does_not_hide_the_success(room: Room) -> None:
    assert [room.tell(FAILED), room.tell(SUCCEEDED)] == [True, True]


def test_what_is_not_due_yet_comes_again_and_is_told_then(room: Room) -> None:
    waits = replace(FAILED, not_before=NOON + timedelta(minutes=5))
    with pytest.raises(BusyError):
        room.tell(waits)
    assert not room.alerts.alerts
    room.now += timedelta(minutes=5)
    assert room.tell(waits)


def test_what_was_told_meanwhile_is_not_waited_for(room: Room) -> None:
    room.tell(FAILED)
    assert room.tell(replace(FAILED, not_before=NOON + timedelta(minutes=5))) is False


def test_what_another_worker_tells_is_left_to_it(room: Room) -> None:
    room.records.claimed.add(SUCCEEDED.notification_id)
    with pytest.raises(BusyError):
        room.tell(SUCCEEDED)
    assert not room.alerts.alerts


@pytest.mark.parametrize(("notification", "outcome"), [(SUCCEEDED, "succeeded"), (FAILED, "failed")], ids=str)
def test_the_open_incident_of_the_key_and_its_event_say_what_came_of_it(
    room: Room, notification: Notification, outcome: str
) -> None:
    with_incident(room).tell(notification)
    end = room.incidents.open[key_id()].rotation
    assert end
    rotation = {"outcome": outcome, "at": "2026-03-14T12:00:00Z"}
    rotation |= {"newKey": notification.new_key_id or "-", "reason": notification.reason or "-"}
    assert rotation_map(end) == rotation
    [event] = room.bus.events
    assert (event["transition"], event["accessKeyId"]) == (f"rotation-{outcome}", key_id())
    assert (event["cause"], event["rotation"]) == ("key-inactive", rotation)


def test_without_an_open_incident_no_event_is_sent(room: Room) -> None:
    room.tell(SUCCEEDED)
    assert room.bus.events == []


def test_a_retirement_says_nothing_of_an_incident(room: Room) -> None:
    with_incident(room).tell(a_notification(NotificationKind.KEY_RETIRED))
    assert room.bus.events == []
    assert len(room.alerts.alerts) == 1


def test_an_alert_that_is_refused_is_told_when_it_comes_again(room: Room) -> None:
    room.alerts.fails = True
    with pytest.raises(TransientError):
        with_incident(room).tell(SUCCEEDED)
    room.alerts.fails = False
    assert room.tell(SUCCEEDED)
    assert (len(room.alerts.alerts), len(room.bus.events)) == (1, 1)


def test_chat_is_told_what_people_are_in_the_thread_of_the_keys_open_incident(room: Room) -> None:
    with_incident(room).tell(SUCCEEDED)
    [alert] = room.alerts.alerts
    expected = compose_chat_message(alert, thread=room.incidents.open[key_id()].incident_id)
    assert room.chat.messages == [expected]


def test_without_an_open_incident_all_notices_of_a_secret_are_in_one_thread(room: Room) -> None:
    room.tell(FAILED)
    room.tell(SUCCEEDED)
    room.tell(replace(SUCCEEDED, notification_id="another", secret_name="access-keys/bob"))
    first, second, third = room.chat.threads
    assert first == second != third


REFUSING = ("alerts", "bus", "chat")


def refuse(room: Room, channel: str, error: Exception | None) -> None:
    if channel == "alerts":
        room.alerts.fails = error is not None
    else:
        getattr(room, channel).error = error


@pytest.mark.parametrize("channel", REFUSING)
def test_a_channel_that_refuses_for_two_hours_neither_holds_back_nor_repeats_what_the_others_tell(
    room: Room, channel: str
) -> None:
    with_incident(room)
    refuse(room, channel, TransientError("sns:Publish: Throttled"))
    for _ in range(40):  # as often as it comes again
        with pytest.raises(TransientError):
            room.tell(SUCCEEDED)
        room.now += timedelta(minutes=3)
    told: dict[str, list[Any]] = {
        "alerts": room.alerts.alerts,
        "bus": room.bus.events,
        "chat": room.chat.messages,
    }
    assert {name: len(messages) for name, messages in told.items()} == {
        name: 0 if name == channel else 1 for name in REFUSING
    }
    refuse(room, channel, None)
    assert [room.tell(SUCCEEDED), room.tell(SUCCEEDED)] == [True, False]
    assert [len(messages) for messages in told.values()] == [1, 1, 1]


def test_a_notice_that_chat_can_never_take_comes_again_until_people_are_told(room: Room) -> None:
    room.chat.error = PermanentError("sns:Publish: InvalidParameter")
    room.alerts.fails = True
    with pytest.raises(TransientError):
        room.tell(SUCCEEDED)
    room.alerts.fails = False
    with pytest.raises(PermanentError):
        room.tell(SUCCEEDED)
    assert len(room.alerts.alerts) == 1
