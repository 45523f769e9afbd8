"""The outbox: what a channel has not taken yet, kept with the incident and sent later, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LIMIT = 10  # of each channel, so that no incident outgrows its item

Message = Mapping[str, Any]  # ready for JSON


class Channel(StrEnum):
    """In the order in which they are told; tables know them by these values."""

    EVENTS = "events"
    CHAT = "chat"
    ALERTS = "alerts"


@dataclass(frozen=True)
class Outbox:
    """Unsent messages by channel, the oldest first; a channel without any is not in it. Of one that has LIMIT
    of them the newest takes the place of the one before it: the first says what happened, the last how it
    stands.
    """

    unsent: Mapping[Channel, tuple[Message, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.unsent

    def of(self, channel: Channel) -> tuple[Message, ...]:
        return self.unsent.get(channel, ())

    def is_full(self, channel: Channel) -> bool:
        return len(self.of(channel)) >= LIMIT

    def with_last(self, channel: Channel, message: Message) -> Outbox:
        return Outbox({**self.unsent, channel: (*self.of(channel)[: LIMIT - 1], message)})

    def without_first(self, channel: Channel) -> Outbox:
        left = {**self.unsent, channel: self.of(channel)[1:]}
        return Outbox({each: messages for each, messages in left.items() if messages})
