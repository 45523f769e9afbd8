"""A key that is deactivated and reactivated again and again: three alerts an hour, and one about the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lambdas.detection.domain.signal_group import group_by_key
from lambdas.remediation.due_incidents import process_due_incidents
from tests.support.builders import NOON, a_predicted_outage, a_signal, key_id
from tests.support.fakes import FakeIam, World

KEY, HOUR = key_id(), timedelta(hours=1)


class Switching:
    def __init__(self) -> None:
        self.world = World(iam=FakeIam(users={"alice": {KEY: "Active"}}))
        self.times: list[datetime] = []

    def _see(self, signal) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
        sent = len(self.world.topic.alerts)
        [group] = group_by_key([signal])
        self.world.remediator.remediate(group)
        self.times += [self.world.incidents.now] * (len(self.world.topic.alerts) - sent)

    def switch_off(self) -> None:
        self.world.iam.users["alice"][KEY] = "Inactive"
        self._see(a_predicted_outage(at=self.world.incidents.now))

    def fail(self) -> None:
        self._see(a_signal(KEY, occurred_at=self.world.incidents.now))

    def switch_on(self) -> None:
        self.world.iam.users["alice"][KEY] = "Active"
        off = a_predicted_outage(at=self.world.incidents.now)
        self._see(replace(off, predicted_outage=None, state_change=off.predicted_outage))

    def wait(self, length: timedelta) -> None:
        end = self.world.incidents.now + length
        while self.world.incidents.now < end:
            self.world.incidents.now += timedelta(minutes=1)
            sent = len(self.world.topic.alerts)
            assert process_due_incidents(self.world.remediator, lambda: 60).failures == []
            self.times += [self.world.incidents.now] * (len(self.world.topic.alerts) - sent)

    @property
    def subjects(self) -> list[str]:
        return [alert.subject for alert in self.world.topic.alerts]


@pytest.mark.parametrize("fails", [False, True])
def test_sixty_times_off_and_on_are_three_alerts_an_hour_and_one_about_the_rest(*, fails: bool) -> None:
    switching = Switching()
    for _ in range(60):
        switching.switch_off()
        switching.wait(timedelta(minutes=1))
        if fails:
            switching.fail()
        switching.switch_on()
        switching.wait(timedelta(minutes=1))
    switching.wait(2 * HOUR)
    most = max(sum(at <= other < at + HOUR for other in switching.times) for at in switching.times)
    assert most <= 1 + 3 + 1
    folded = [alert for alert in switching.world.topic.alerts if "more since the last alert" in alert.body]
    assert 2 <= len(folded) <= 4
    assert "times more" in folded[-1].subject
    assert "user/bob reactivated the key" in folded[-1].body


def test_off_on_and_off_again_is_alerted_each_time() -> None:
    switching = Switching()
    switching.switch_off()
    for act in (switching.switch_on, switching.switch_off, switching.switch_on):
        switching.wait(timedelta(minutes=2))
        act()
    assert len(switching.subjects) == 4


def test_every_change_is_reported_or_counted() -> None:
    switching = Switching()
    for _ in range(30):
        switching.switch_off()
        switching.wait(timedelta(minutes=1))
        switching.switch_on()
        switching.wait(timedelta(minutes=1))
    reported = switching.world.incidents.open[KEY].reported
    folded = sum("more since the last alert" in alert.body for alert in switching.world.topic.alerts)
    assert folded <= 1
    assert len(reported.changes_at) <= 3
    assert reported.held_changes > 0
    assert switching.world.incidents.now == NOON + timedelta(hours=1)


def test_a_leak_of_the_key_is_alerted_at_once_whatever_was_held() -> None:
    switching = Switching()
    for _ in range(10):
        switching.switch_off()
        switching.wait(timedelta(minutes=1))
        switching.switch_on()
        switching.wait(timedelta(minutes=1))
    switching.world.iam.policies["alice"] = "AWSCompromisedKeyQuarantineV3"
    before = len(switching.subjects)
    switching.switch_off()
    assert "[critical]" in switching.subjects[before]
