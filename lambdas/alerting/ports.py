"""The channels of alerts and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.alerting.domain.alert import Alert


class AlertTopic(Protocol):
    def publish(self, alert: Alert) -> None: ...


class ChatTopic(Protocol):
    def publish(self, message: Mapping[str, object]) -> None:
        """`message` is what compose_chat_message makes of an alert."""
        ...


class IncidentBus(Protocol):
    def put(self, detail: Mapping[str, object]) -> None: ...
