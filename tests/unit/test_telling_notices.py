"""A notice is told once, to whomever it concerns; nothing of it is lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.domain.errors import BusyError, TransientError
from lambdas.domain.ledger.noted import Noted
from lambdas.domain.ledger.user_entry import CONTACT_TAG, UserEntry
from lambdas.domain.notice import Notice, NoticeKind
from lambdas.domain.rotation.outcome import failed_id, succeeded_id
from lambdas.domain.rotation.state import RotationState
from lambdas.domain.rotation_event import rotation_map
from lambdas.telling_notices import NoticeTeller
from tests.builders import HOME, NOON, a_finding, a_notice, an_incident, key_id
from tests.fakes import FakeBus, FakeLedger, FakeTopic

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.domain.home import Home
    from lambdas.domain.incident import Incident, RotationEnd

SECRET, TOKEN = "access-keys/alice", "7ac47c8c-f328-423b-9698-6926dd1f293e"
SUCCEEDED = a_notice(notice_id=succeeded_id(SECRET, TOKEN), new_key_id=key_id(2))
FAILED = a_notice(
    NoticeKind.ROTATION_FAILED,
    notice_id=failed_id(SECRET, TOKEN),
    unless_told=succeeded_id(SECRET, TOKEN),
    reason="no room for a new key",
)


@dataclass
class FakeTold:
    told: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    def was_told(self, notice_id: str) -> bool:
        return notice_id in self.told

    def take(self, notice_id: str) -> None:
        if notice_id in self.taken:
            raise BusyError("at it")

    def note_told(self, notice_id: str) -> None:
        self.told.add(notice_id)


@dataclass
class FakeRotatedIncidents:
    open: dict[str, Incident] = field(default_factory=dict)

    def open_incident(self, access_key_id: str) -> Incident | None:
        return self.open.get(access_key_id)

    def note(self, incident: Incident, end: RotationEnd) -> None:
        self.open[incident.key] = replace(incident, rotation=end)


@dataclass
class Room:
    told: FakeTold = field(default_factory=FakeTold)
    incidents: FakeRotatedIncidents = field(default_factory=FakeRotatedIncidents)
    bus: FakeBus = field(default_factory=FakeBus)
    alerts: FakeTopic = field(default_factory=FakeTopic)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    now: datetime = NOON
    home: Home = HOME

    def read(self, secret_name: str) -> RotationState:
        return RotationState(secret_name=secret_name, user_name="alice")

    def tell(self, notice: Notice) -> bool:
        teller = NoticeTeller(
            told=self.told,
            incidents=self.incidents,
            bus=self.bus,
            alerts=self.alerts,
            ledger=self.ledger,
            rotations=self,
            home=self.home,
            region="eu-central-1",
            clock=lambda: self.now,
        )
        return teller.tell(notice)


@pytest.fixture
def room() -> Room:
    return Room()


def with_incident(room: Room) -> Room:
    room.incidents.open[key_id()] = an_incident(standing=a_finding().standing)
    return room


def test_a_notice_is_told_once_however_often_it_comes(room: Room) -> None:
    assert [room.tell(SUCCEEDED) for _ in range(3)] == [True, False, False]
    assert len(room.alerts.alerts) == 1


@pytest.mark.parametrize(
    ("tag", "contact"), [("team-a@example.com", "team-a@example.com"), ("team-a@elsewhere.example", "-")]
)
def test_the_owners_contact_is_told_if_its_domain_is_accepted(room: Room, tag: str, contact: str) -> None:
    room.home = replace(HOME, contact_domains=frozenset({"example.com"}))
    room.ledger.users["alice"] = UserEntry(
        name="alice", tags={CONTACT_TAG: Noted(value=tag, at=NOON, by="user/bob")}
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
    room.told.taken.add(SUCCEEDED.notice_id)
    with pytest.raises(BusyError):
        room.tell(SUCCEEDED)
    assert not room.alerts.alerts


@pytest.mark.parametrize(("notice", "outcome"), [(SUCCEEDED, "succeeded"), (FAILED, "failed")], ids=str)
def test_the_open_incident_of_the_key_and_its_event_say_what_came_of_it(
    room: Room, notice: Notice, outcome: str
) -> None:
    with_incident(room).tell(notice)
    end = room.incidents.open[key_id()].rotation
    assert end
    rotation = {"outcome": outcome, "at": "2026-03-14T12:00:00Z"}
    rotation |= {"newKey": notice.new_key_id or "-", "reason": notice.reason or "-"}
    assert rotation_map(end) == rotation
    [event] = room.bus.events
    assert (event["transition"], event["accessKeyId"]) == (f"rotation-{outcome}", key_id())
    assert (event["cause"], event["rotation"]) == ("key-inactive", rotation)


def test_without_an_open_incident_no_event_is_sent(room: Room) -> None:
    room.tell(SUCCEEDED)
    assert room.bus.events == []


def test_a_retirement_says_nothing_of_an_incident(room: Room) -> None:
    with_incident(room).tell(a_notice(NoticeKind.KEY_RETIRED))
    assert room.bus.events == []
    assert len(room.alerts.alerts) == 1


def test_an_alert_that_is_refused_is_told_when_it_comes_again(room: Room) -> None:
    room.alerts.fails = True
    with pytest.raises(TransientError):
        with_incident(room).tell(SUCCEEDED)
    room.alerts.fails = False
    assert room.tell(SUCCEEDED)
    assert (len(room.alerts.alerts), len(room.bus.events)) == (1, 1)
