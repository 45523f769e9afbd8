"""Weeks of incidents on fakes: what happens to each key, minute by minute, and every alert."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lambdas.detection.domain.signal_group import group_by_key
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.remediation.due_incidents import process_due_incidents
from tests.support.builders import a_caller, a_predicted_outage, a_signal, key_id
from tests.support.fakes import FakeTopic, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.alerting.domain.alert import Alert
    from lambdas.detection.domain.signal import Signal

MONDAY = datetime(2026, 3, 16, tzinfo=UTC)
HOUR = 60
DAY = 24 * HOUR


@dataclass
class Week:
    """Its clock is the fakes'; minutes count from Monday, midnight. The timer runs each minute."""

    world: World = field(default_factory=World)
    stories: dict[str, str] = field(default_factory=dict)
    received: list[tuple[datetime, Alert]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.world.topic = RecordingTopic(week=self)
        self.world.incidents.now = MONDAY

    @property
    def now(self) -> datetime:
        return self.world.incidents.now

    def story(self, title: str, status: str = "Inactive") -> Key:
        """A user of that name with a key in that status."""
        key = key_id(len(self.stories) + 1)
        self.stories[title] = key
        if status:
            self.world.iam.users[title] = {key: status}
        return Key(week=self, user=title, key_id=key)

    def at(self, minute: int, action: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (minute, next(self._order), action))

    def see(self, *signals: Signal) -> None:
        for group in group_by_key(signals):
            self.world.remediator.remediate(group)

    def play(self, days: int) -> None:
        for minute in range(days * DAY):
            self.world.incidents.now = MONDAY + timedelta(minutes=minute)
            while self._agenda and self._agenda[0][0] <= minute:
                heapq.heappop(self._agenda)[2]()
            if any(True for _ in self.world.incidents.due()):
                process_due_incidents(self.world.remediator, lambda: 30)

    def table(self) -> str:
        return "\n".join(self._lines_of(title, key) for title, key in self.stories.items())

    def alerts_of(self, title: str) -> list[tuple[datetime, Alert]]:
        return [(at, alert) for at, alert in self.received if self.stories[title] in alert.body]

    def events_of(self, title: str) -> Counter[str]:
        events = self.world.bus.events
        key = self.stories[title]
        return Counter(str(event["transition"]) for event in events if event["accessKeyId"] == key)

    def _lines_of(self, title: str, key: str) -> str:
        calls = sum(it.count for ref, it in self.world.incidents.items.items() if ref.key == key)
        events = ", ".join(f"{number} {name}" for name, number in sorted(self.events_of(title).items()))
        lines = [f"{at:%a %H:%M}  {_said(alert)}" for at, alert in self.alerts_of(title)]
        return "\n".join([f"## {title}: {calls} failed calls", "", *lines, f"events: {events}", ""])


@dataclass
class RecordingTopic(FakeTopic):
    week: Week | None = None

    def publish(self, alert: Alert) -> None:
        super().publish(alert)
        if self.week:
            self.week.received.append((self.week.now, alert))


@dataclass(frozen=True)
class Key:
    """What happens to one key; `minute` counts from Monday, midnight."""

    week: Week
    user: str
    key_id: str

    def fails(self, *minutes: int, calls: int = 1, source: str = "203.0.113.7", **changes: str) -> None:
        for minute in minutes:
            self.week.at(minute, lambda: self._fail(calls, source, changes))

    def is_predicted(self, minute: int, at: int | None = None) -> None:
        """The record that the key was deactivated `at` arrives at `minute`."""
        done = MONDAY + timedelta(minutes=minute - 1 if at is None else at)
        signal = a_predicted_outage("UpdateAccessKey", self.key_id, done)
        self.week.at(minute, lambda: self.week.see(signal))

    def becomes(self, status: str, minute: int, *, by: str = "user/bob") -> None:
        """Its status in IAM, with the tracker's word a minute later; `Deleted` where it is gone."""
        self.week.at(minute, lambda: self._become(status))
        at = MONDAY + timedelta(minutes=minute)
        name = "DeleteAccessKey" if status == "Deleted" else "UpdateAccessKey"
        change = KeyStateChange(access_key_id=self.key_id, event_name=name, at=at, by=by, user_name=self.user)
        signal = replace(
            a_predicted_outage(name, self.key_id, at), predicted_outage=None, state_change=change
        )
        self.week.at(minute + 1, lambda: self.week.see(signal))

    def _fail(self, calls: int, source: str, changes: dict[str, str]) -> None:
        fields: dict[str, object] = {
            "caller": a_caller(source=source),
            "occurred_at": self.week.now,
            **changes,
        }
        self.week.see(*[a_signal(self.key_id, **fields)] * calls)

    def _become(self, status: str) -> None:
        keys = self.week.world.iam.users[self.user]
        keys[self.key_id] = status
        if status == "Deleted":
            del keys[self.key_id]


def refuses(week: Week, first: int, last: int, channel: str) -> None:
    """The topic, the bus or the chat takes nothing between these minutes."""
    error = TransientError(f"{channel} is out of order")
    if channel == "topic":
        week.at(first, lambda: setattr(week.world.topic, "fails", True))
        week.at(last, lambda: setattr(week.world.topic, "fails", False))
    else:
        refusing = week.world.bus if channel == "bus" else week.world.chat
        week.at(first, lambda: setattr(refusing, "error", error))
        week.at(last, lambda: setattr(refusing, "error", None))


def _said(alert: Alert) -> str:
    """The subject, and the first line of what is new in an update."""
    if not alert.body.startswith("WHAT IS NEW"):
        return alert.subject
    new = alert.body.split("\n\n")[0].splitlines()[1:]
    return "\n".join([alert.subject, *(f"           {line.strip()}" for line in new)])
