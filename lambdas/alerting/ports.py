"""What alerting needs of the world: the channels, and the record of what each of them has received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lambdas.alerting.domain.alert import Alert
from lambdas.incidents.domain.outbox import Channel


class AlertTopic(Protocol):
    def publish(self, alert: Alert) -> None: ...


class ChatTopic(Protocol):
    def publish(self, message: Mapping[str, object]) -> None:
        """`message` is a result of compose_chat_message."""
        ...


class IncidentBus(Protocol):
    def put(self, detail: Mapping[str, object]) -> None: ...


class CheckSchedule(Protocol):
    """When a regular check is due. Every method raises TransientError."""

    def claim(self) -> bool:
        """Whether a check is due and no other worker makes it. Without `complete`, it stays due."""
        ...

    def complete(self) -> None: ...


class DeliveryRecords(Protocol):
    """Which channels have received a notification, by its id. Every method raises TransientError when the
    records cannot be read or written.
    """

    def delivered(self, notification_id: str) -> frozenset[Channel]:
        """The channels that have received it."""
        ...

    def claim(self, notification_id: str) -> frozenset[Channel]:
        """Reserves the notification for this worker; the claim expires by itself. Returns the channels that
        have received it. Raises BusyError while another worker holds the claim.
        """
        ...

    def mark_delivered(self, notification_id: str, channel: Channel) -> None:
        """Requires a claim."""
        ...
