"""The outbox: messages that a channel has not accepted yet, stored with the incident to be sent in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LIMIT = 10  # messages a channel, so that the item of an incident cannot grow too large

Message = Mapping[str, Any]  # ready for JSON


class Channel(StrEnum):
    """In the order of sending; the values are stored."""

    EVENTS = "events"
    CHAT = "chat"
    ALERTS = "alerts"


@dataclass(frozen=True)
class Outbox:
    """When a channel has LIMIT messages, the next one replaces the last: the first say what happened, the
    last says how things are.
    """

    pending: Mapping[Channel, tuple[Message, ...]] = field(default_factory=dict)  # oldest first, never empty

    @property
    def is_empty(self) -> bool:
        return not self.pending

    def of(self, channel: Channel) -> tuple[Message, ...]:
        return self.pending.get(channel, ())

    def is_full(self, channel: Channel) -> bool:
        return len(self.of(channel)) >= LIMIT

    def with_last(self, channel: Channel, message: Message) -> Outbox:
        return Outbox({**self.pending, channel: (*self.of(channel)[: LIMIT - 1], message)})

    def without_first(self, channel: Channel) -> Outbox:
        left = {**self.pending, channel: self.of(channel)[1:]}
        return Outbox({each: messages for each, messages in left.items() if messages})
