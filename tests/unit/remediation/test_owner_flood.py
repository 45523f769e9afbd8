"""An owner that creates, uses and deletes keys without end: few alerts, none that matters is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambdas.detection.domain.signal_group import group_by_key
from lambdas.incidents.domain.owner_alerts import MAX_KEYS, MAX_NAMED
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from lambdas.remediation.due_incidents import process_due_incidents
from tests.support.builders import LAST_USE, NOON, a_predicted_outage, a_signal, key_id
from tests.support.fakes import FakeIam, World

if TYPE_CHECKING:
    from lambdas.alerting.domain.alert import Alert

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OLD_KEY = key_id(1)
QUARANTINE = "AWSCompromisedKeyQuarantineV3"


class Owner:
    """alice, with a key that is years old, and as many short-lived ones as a test wants."""

    def __init__(self) -> None:
        self.world = World(iam=FakeIam(users={"alice": {OLD_KEY: "Active"}}))
        self.times: list[datetime] = []
        self.made = 1

    @property
    def now(self) -> datetime:
        return self.world.incidents.now

    @property
    def alerts(self) -> list[Alert]:
        return self.world.topic.alerts

    def create_use_and_delete(self, *, lived: timedelta = MINUTE, ago: timedelta = timedelta()) -> str:
        self.made += 1
        key, end = key_id(self.made), self.now - ago
        self._enter(key, created_at=end - lived, end=end)
        self._see(a_predicted_outage("DeleteAccessKey", key, at=end))
        return key

    def delete_old_key(self) -> None:
        del self.world.iam.users["alice"][OLD_KEY]
        self._enter(OLD_KEY, created_at=NOON.replace(year=2020), end=self.now)
        self._see(a_predicted_outage("DeleteAccessKey", OLD_KEY, at=self.now))

    def fail(self, key: str) -> None:
        self._see(a_signal(key, occurred_at=self.now))

    def wait(self, length: timedelta) -> None:
        end = self.now + length
        while self.now < end:
            self.world.incidents.now += MINUTE
            sent = len(self.alerts)
            assert process_due_incidents(self.world.remediator, lambda: 60).failures == []
            self.times += [self.now] * (len(self.alerts) - sent)

    def most_in_an_hour(self) -> int:
        return max(sum(at <= other < at + HOUR for other in self.times) for at in self.times)

    def _enter(self, key: str, *, created_at: datetime, end: datetime) -> None:
        self.world.ledger.entries[key] = KeyEntry(
            access_key_id=key,
            owner_name=Observed(value="alice", at=NOON),
            created_at=created_at,
            deletion=recorded(end, "user/alice"),
            last_use=LAST_USE,
        )

    def _see(self, signal) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
        sent = len(self.alerts)
        [group] = group_by_key([signal])
        self.world.remediator.remediate(group)
        self.times += [self.now] * (len(self.alerts) - sent)


def about(alerts: list[Alert], key: str) -> list[Alert]:
    return [alert for alert in alerts if key in alert.body]


def test_a_key_a_minute_for_six_hours_is_ten_alerts_an_hour_and_every_key_is_counted() -> None:
    owner = Owner()
    for _ in range(360):
        owner.create_use_and_delete()
        owner.wait(MINUTE)
    owner.wait(2 * HOUR)
    assert owner.most_in_an_hour() <= MAX_KEYS + 2
    updates = [alert for alert in owner.alerts if "without an alert" in alert.body]
    held = sum(int(alert.body.split("  ")[1].split(" ")[0]) for alert in updates)
    assert held + len(owner.alerts) - len(updates) == 360


def test_the_shared_alert_says_so_and_its_update_names_the_further_keys() -> None:
    owner = Owner()
    keys = [owner.create_use_and_delete() for _ in range(MAX_KEYS + 1 + 30)]
    assert len(owner.alerts) == MAX_KEYS + 1
    assert "8 other keys of this user had such an alert in the last hour" in owner.alerts[-1].body
    owner.wait(HOUR)
    update = owner.alerts[-1]
    assert "30 more keys of this user without an alert" in update.body
    assert all(key in update.body for key in keys[MAX_KEYS + 1 :][:MAX_NAMED])
    assert "and 22 more" in update.body
    assert "30 more keys" in update.subject
    assert update.attributes["owner"] == "alice"


def test_the_deletion_of_a_key_that_was_long_in_use_is_alerted_during_it() -> None:
    owner = Owner()
    for _ in range(50):
        owner.create_use_and_delete()
    owner.delete_old_key()
    assert OLD_KEY in owner.alerts[-1].body


def test_the_deactivation_of_a_key_that_was_long_in_use_is_alerted_during_it() -> None:
    owner = Owner()
    for _ in range(50):
        owner.create_use_and_delete()
    owner.world.iam.users["alice"][OLD_KEY] = "Inactive"
    owner.fail(OLD_KEY)
    assert OLD_KEY in owner.alerts[-1].body


def test_a_quarantine_is_alerted_during_it_and_a_flood_of_its_alerts_is_bounded_too() -> None:
    owner = Owner()
    for _ in range(50):
        owner.create_use_and_delete()
    before = len(owner.alerts)
    owner.world.iam.policies["alice"] = QUARANTINE
    for _ in range(50):
        owner.create_use_and_delete()
    critical = owner.alerts[before:]
    assert [alert.attributes["severity"] for alert in critical] == ["critical"] * (MAX_KEYS + 1)
    owner.delete_old_key()
    assert OLD_KEY in owner.alerts[-1].body


def test_calls_with_keys_that_were_deleted_long_ago_are_bounded_too() -> None:
    owner = Owner()
    lived = [owner.create_use_and_delete(lived=30 * HOUR, ago=100 * HOUR) for _ in range(50)]
    assert len(owner.alerts) == MAX_KEYS + 1
    for key in lived:
        owner.fail(key)
    assert (
        owner.most_in_an_hour() <= 2 * MAX_KEYS + 2
    )  # each of the nine now also says that a call has failed


def test_a_key_that_still_fails_has_its_alert_when_there_is_room_again() -> None:
    owner = Owner()
    keys = [owner.create_use_and_delete() for _ in range(MAX_KEYS + 3)]
    assert about(owner.alerts, keys[-1]) == []
    for _ in range(90):
        owner.fail(keys[-1])
        owner.wait(MINUTE)
    assert keys[-1] in about(owner.alerts, keys[-1])[-1].body
    assert [alert.attributes["cause"] for alert in about(owner.alerts, keys[-1])][-1] == "key-deleted"


def test_a_key_without_an_alert_has_no_closing_either_but_its_events() -> None:
    owner = Owner()
    keys = [owner.create_use_and_delete() for _ in range(MAX_KEYS + 2)]
    owner.fail(keys[-1])
    owner.wait(8 * HOUR)
    assert not [alert for alert in about(owner.alerts, keys[-1]) if "closed" in alert.subject]
    events = [event["transition"] for event in owner.world.bus.events if event["accessKeyId"] == keys[-1]]
    assert events[0] == "opened"
    assert events[-1] == "closed"


def test_each_owner_has_a_bound_of_its_own() -> None:
    owner = Owner()
    for _ in range(30):
        owner.create_use_and_delete()
    owner.world.iam.users["bob"] = {key_id(900): "Inactive"}
    owner.world.iam.created[key_id(900)] = NOON
    owner.fail(key_id(900))
    assert "bob" in owner.alerts[-1].subject
