"""The outbox: what a channel has not taken yet, kept with the incident and sent later, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.domain.alert import Alert

LIMIT = 10  # of each channel, so that no incident outgrows its item


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """Unsent alerts and incident events, the oldest first. Of a channel that has LIMIT of them the newest
    takes the place of the one before it: the first says what happened, the last how it stands.
    """

    alerts: tuple[Alert, ...] = ()
    events: tuple[Mapping[str, object], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.alerts or self.events)

    def with_alert(self, alert: Alert) -> Outbox:
        return replace(self, alerts=(*self.alerts[: LIMIT - 1], alert))

    def with_event(self, event: Mapping[str, object]) -> Outbox:
        return replace(self, events=(*self.events[: LIMIT - 1], event))

    def without_first_alert(self) -> Outbox:
        return replace(self, alerts=self.alerts[1:])

    def without_first_event(self) -> Outbox:
        return replace(self, events=self.events[1:])
