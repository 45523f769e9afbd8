"""A notification is sent once to each channel, and never lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.alerting.delivery import Delivery
from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.errors import BusyError, PermanentError, TransientError
from lambdas.incidents.domain.outbox import Channel, Outbox
from lambdas.incidents.domain.rotation_outcome import rotation_map
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.remediation.notification_dispatcher import NotificationDispatcher
from lambdas.rotation.domain.notification import Notification, NotificationKind, failed_id, succeeded_id
from lambdas.rotation.domain.refusals import count_refusal
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
    reason="no free slot for a new key",
)


@dataclass
class FakeRotatedIncidents:
    open: dict[str, Incident] = field(default_factory=dict)

    def open_incident(self, access_key_id: str) -> Incident | None:
        return self.open.get(access_key_id)

    def record_rotation(self, incident: Incident, end: RotationEnd) -> None:
        self.open[incident.key] = replace(incident, rotation=end)


@dataclass
class Setup:
    records: FakeDeliveryRecords = field(default_factory=FakeDeliveryRecords)
    incidents: FakeRotatedIncidents = field(default_factory=FakeRotatedIncidents)
    bus: FakeBus = field(default_factory=FakeBus)
    chat: FakeChat = field(default_factory=FakeChat)
    alerts: FakeTopic = field(default_factory=FakeTopic)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    now: datetime = NOON
    deployment: Deployment = HOME
    states: dict[str, RotationState] = field(default_factory=dict)

    def read(self, secret_name: str) -> RotationState:
        return self.states.get(secret_name, RotationState(secret_name=secret_name, user_name="alice"))

    def send(self, notification: Notification) -> bool:
        dispatcher = NotificationDispatcher(
            delivery=Delivery(
                topic=self.alerts,
                chat=self.chat,
                bus=self.bus,
                records=self.records,
                wait_for_turn=lambda _: None,
                report_failure=lambda *_: None,
            ),
            incidents=self.incidents,
            ledger=self.ledger,
            rotations=self,
            deployment=self.deployment,
            region="eu-central-1",
            clock=lambda: self.now,
        )
        return dispatcher.send(notification)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def with_incident(setup: Setup) -> Setup:
    setup.incidents.open[key_id()] = an_incident(latest=a_finding().assessment)
    return setup


def test_a_notification_is_sent_once_however_often_it_comes(setup: Setup) -> None:
    assert [setup.send(SUCCEEDED) for _ in range(3)] == [True, False, False]
    assert len(setup.alerts.alerts) == 1


def test_a_notification_is_not_sent_before_the_alerts_of_its_incident_that_wait(setup: Setup) -> None:
    incident = an_incident(latest=a_finding().assessment)
    waiting = Outbox().with_last(Channel.ALERTS, {"subject": "the first alert"})
    setup.incidents.open[key_id()] = replace(incident, outbox=waiting)
    with pytest.raises(BusyError):
        setup.send(SUCCEEDED)
    assert not setup.alerts.alerts
    setup.incidents.open[key_id()] = incident
    assert setup.send(SUCCEEDED)


def test_of_equivalent_notifications_only_the_first_is_sent(setup: Setup) -> None:
    alike = [
        a_notification(
            NotificationKind.CLAIM_REFUSED,
            notification_id=f"fact {n}",
            unless_sent="alike",
            counts_as="alike",
        )
        for n in range(3)
    ]
    assert [setup.send(one) for one in (*alike, *alike)] == [True, *[False] * 5]
    assert len(setup.alerts.alerts) == 1
    assert setup.send(replace(alike[1], unless_sent="the next day's", counts_as="the next day's"))


@pytest.mark.parametrize(
    ("tag", "contact"), [("team-a@example.com", "team-a@example.com"), ("team-a@elsewhere.example", "-")]
)
def test_the_owners_contact_is_shown_if_its_domain_is_accepted(setup: Setup, tag: str, contact: str) -> None:
    setup.deployment = replace(HOME, contact_domains=frozenset({"example.com"}))
    setup.ledger.users["alice"] = UserEntry(
        name="alice", tags={CONTACT_TAG: Observed(value=tag, at=NOON, by="user/bob")}
    )
    setup.send(SUCCEEDED)
    assert setup.alerts.alerts[0].attributes["contact"] == contact


def test_the_owner_of_the_secret_is_known_though_the_notification_does_not_say(setup: Setup) -> None:
    setup.send(replace(FAILED, user_name=""))
    assert setup.alerts.alerts[0].attributes["owner"] == "alice"


def test_a_failure_is_not_sent_once_the_rotation_has_succeeded(setup: Setup) -> None:
    setup.send(SUCCEEDED)
    assert setup.send(FAILED) is False
    assert len(setup.alerts.alerts) == 1


def test_a_label_that_a_fail_over_takes_off_long_after_makes_no_failure_of_the_rotation(setup: Setup) -> None:
    world = rotated_and_dead()
    [token] = [version for version, labels in world.labels.items() if {"AWSCURRENT", "AWSPENDING"} <= labels]
    world.now += timedelta(days=90)
    a_fail_over(world).to_previous(SECRET, "another")
    assert "AWSPENDING" not in world.labels[token], "Secrets Manager records that as RotationAbandoned"
    setup.states = world.states
    lost = replace(FAILED, notification_id=failed_id(SECRET, token), token=token, unless_finished=True)
    assert not setup.send(lost)
    assert not setup.alerts.alerts
    assert setup.send(replace(lost, notification_id=failed_id(SECRET, "dead"), token="dead"))


@pytest.mark.parametrize(
    "forged",
    [
        replace(FAILED, kind=NotificationKind.ROTATION_SUCCEEDED),
        replace(FAILED, secret_name="access-keys/another"),
        a_notification(
            NotificationKind.CLAIM_REFUSED, notification_id="forged", counts_as=FAILED.notification_id
        ),
    ],
    ids=["another kind", "another secret", "counts as it"],
)
def test_a_notification_with_the_id_of_another_does_not_silence_it(
    setup: Setup, forged: Notification
) -> None:
    assert setup.send(forged)
    assert setup.send(FAILED)
    assert len(setup.alerts.alerts) == 2


def test_a_forged_reminder_of_another_key_does_not_silence_the_true_one(setup: Setup) -> None:
    true = a_notification(NotificationKind.KEY_WANTED, notification_id="the day's", access_key_id=key_id())
    assert setup.send(replace(true, access_key_id=key_id(9)))
    assert setup.send(true)


def test_a_refusal_of_another_user_does_not_silence_the_users_own(setup: Setup) -> None:
    true = a_notification(
        NotificationKind.CLAIM_REFUSED, notification_id="fact", unless_sent="the day's", counts_as="the day's"
    )
    assert setup.send(replace(true, notification_id="forged", user_name="mallory"))
    assert setup.send(true)


def test_a_success_that_the_state_does_not_confirm_hides_no_failure(setup: Setup) -> None:
    failed = replace(FAILED, token=TOKEN)
    assert setup.send(SUCCEEDED)
    assert setup.send(failed)
    finished = RotationState(secret_name=SECRET, user_name="alice", finished=(TOKEN,))
    setup.states = {SECRET: finished}
    assert not setup.send(replace(failed, notification_id="the next attempt's"))


def test_a_failure_that_was_sent_does_not_hide_the_success(setup: Setup) -> None:
    assert [setup.send(FAILED), setup.send(SUCCEEDED)] == [True, True]


def test_a_notification_that_is_not_due_yet_is_retried_and_sent_then(setup: Setup) -> None:
    waits = replace(FAILED, not_before=NOON + timedelta(minutes=5))
    with pytest.raises(BusyError):
        setup.send(waits)
    assert not setup.alerts.alerts
    setup.now += timedelta(minutes=5)
    assert setup.send(waits)


def test_a_notification_that_was_sent_meanwhile_does_not_wait(setup: Setup) -> None:
    setup.send(FAILED)
    assert setup.send(replace(FAILED, not_before=NOON + timedelta(minutes=5))) is False


def test_a_notification_that_another_worker_sends_is_left_to_it(setup: Setup) -> None:
    setup.records.claimed.add(SUCCEEDED.delivery_id)
    with pytest.raises(BusyError):
        setup.send(SUCCEEDED)
    assert not setup.alerts.alerts


@pytest.mark.parametrize(("notification", "outcome"), [(SUCCEEDED, "succeeded"), (FAILED, "failed")], ids=str)
def test_the_open_incident_of_the_key_and_its_event_say_what_came_of_it(
    setup: Setup, notification: Notification, outcome: str
) -> None:
    with_incident(setup).send(notification)
    end = setup.incidents.open[key_id()].rotation
    assert end
    rotation = {"outcome": outcome, "at": "2026-03-14T12:00:00Z"}
    rotation |= {"newKey": notification.new_key_id or "-", "reason": notification.reason or "-"}
    assert rotation_map(end) == rotation
    [event] = setup.bus.events
    assert (event["transition"], event["accessKeyId"]) == (f"rotation-{outcome}", key_id())
    assert (event["cause"], event["rotation"]) == ("key-inactive", rotation)


def test_without_an_open_incident_no_event_is_sent(setup: Setup) -> None:
    setup.send(SUCCEEDED)
    assert setup.bus.events == []


def test_a_retirement_says_nothing_of_an_incident(setup: Setup) -> None:
    with_incident(setup).send(a_notification(NotificationKind.KEY_RETIRED))
    assert setup.bus.events == []
    assert len(setup.alerts.alerts) == 1


def test_an_alert_that_is_refused_is_sent_when_it_is_retried(setup: Setup) -> None:
    setup.alerts.fails = True
    with pytest.raises(TransientError):
        with_incident(setup).send(SUCCEEDED)
    setup.alerts.fails = False
    assert setup.send(SUCCEEDED)
    assert (len(setup.alerts.alerts), len(setup.bus.events)) == (1, 1)


def test_chat_gets_the_alert_in_the_thread_of_the_keys_open_incident(setup: Setup) -> None:
    with_incident(setup).send(SUCCEEDED)
    [alert] = setup.alerts.alerts
    expected = compose_chat_message(alert, thread=setup.incidents.open[key_id()].incident_id)
    assert setup.chat.messages == [expected]


def test_without_an_open_incident_all_notifications_of_a_secret_are_in_one_thread(setup: Setup) -> None:
    setup.send(FAILED)
    setup.send(SUCCEEDED)
    setup.send(replace(SUCCEEDED, notification_id="another", secret_name="access-keys/bob"))
    first, second, third = setup.chat.threads
    assert first == second != third


REFUSING = ("alerts", "bus", "chat")


def refuse(setup: Setup, channel: str, error: Exception | None) -> None:
    if channel == "alerts":
        setup.alerts.fails = error is not None
    else:
        getattr(setup, channel).error = error


@pytest.mark.parametrize("channel", REFUSING)
def test_a_channel_that_refuses_for_two_hours_neither_delays_nor_repeats_the_others(
    setup: Setup, channel: str
) -> None:
    with_incident(setup)
    refuse(setup, channel, TransientError("sns:Publish: Throttled"))
    for _ in range(40):  # as often as it comes again
        with pytest.raises(TransientError):
            setup.send(SUCCEEDED)
        setup.now += timedelta(minutes=3)
    sent: dict[str, list[Any]] = {
        "alerts": setup.alerts.alerts,
        "bus": setup.bus.events,
        "chat": setup.chat.messages,
    }
    assert {name: len(messages) for name, messages in sent.items()} == {
        name: 0 if name == channel else 1 for name in REFUSING
    }
    refuse(setup, channel, None)
    assert [setup.send(SUCCEEDED), setup.send(SUCCEEDED)] == [True, False]
    assert [len(messages) for messages in sent.values()] == [1, 1, 1]


def test_a_notification_that_chat_can_never_accept_is_retried_until_the_alert_is_sent(setup: Setup) -> None:
    setup.chat.error = PermanentError("sns:Publish: InvalidParameter")
    setup.alerts.fails = True
    with pytest.raises(TransientError):
        setup.send(SUCCEEDED)
    setup.alerts.fails = False
    with pytest.raises(PermanentError):
        setup.send(SUCCEEDED)
    assert len(setup.alerts.alerts) == 1


def test_a_rotation_without_a_free_slot_names_who_creates_a_key_again_and_again(setup: Setup) -> None:
    for number in (2, 3):
        setup.ledger.merge_key(
            KeyEntry(
                access_key_id=key_id(number),
                owner_name=Observed(value="alice", at=NOON),
                created_by="user/terraform",
                deletion=recorded(NOON, "user/bob") if number == 3 else None,
            )
        )
    refused = a_notification(NotificationKind.ROTATION_FAILED, refused=True, held_keys=(key_id(), key_id(2)))
    setup.send(refused)
    [alert] = setup.alerts.alerts
    assert f"user/terraform created {key_id(2)}." in alert.body
    assert "user/terraform has created 2 keys of this user, and 1 of them were deleted" in alert.body


def test_a_refusal_that_repeats_is_sent_once_and_neither_is_secrets_managers_record_of_it(
    setup: Setup,
) -> None:
    refusal = count_refusal(None, "digest", "token-1", NOON)
    refusal = count_refusal(refusal, "digest", "token-2", NOON)
    reported = a_notification(NotificationKind.ROTATION_FAILED, refused=True, token="token-1")
    setup.states[reported.secret_name] = RotationState(secret_name=reported.secret_name, refusal=refusal)
    repeated = replace(reported, token="token-2", notification_id="the second")
    record = replace(repeated, refused=False, notification_id="the record")
    assert [setup.send(one) for one in (reported, repeated, record)] == [True, False, False]
    assert len(setup.alerts.alerts) == 1
