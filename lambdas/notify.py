"""Notify: tells machines, chat and people what they were not yet told. What a channel does not take goes into
the incident's outbox, from which the timer sends it later, in order.

The channels are told independently: the failure of one neither holds back another nor makes it repeat itself.
The alert to people goes last, right before it is recorded, so that only a crash between these two could send
it twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.domain.alert import Alert
from lambdas.domain.chat_message import compose_chat_message
from lambdas.domain.errors import PermanentError
from lambdas.domain.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lambdas.domain.incident import Incident
    from lambdas.domain.outbox import Message
    from lambdas.domain.ports import AlertTopic, ChatTopic, IncidentBus, Incidents


@dataclass(frozen=True, kw_only=True)
class Notifier:
    topic: AlertTopic
    chat: ChatTopic
    bus: IncidentBus

    def tell(
        self, incident: Incident, *, events: Iterable[Message], alert: Alert | None
    ) -> tuple[Incident, list[Exception]]:
        """The incident with what went out counted and the rest in its outbox, and why that was refused."""
        failures: list[Exception] = []
        for channel, message in _messages(incident, events, alert):
            if incident.outbox.of(channel) or not self._is_taken(channel, message, failures):
                incident = replace(incident, outbox=incident.outbox.with_last(channel, message))
            else:
                incident = _with_one_sent(incident, channel)
        return incident, failures

    def send_unsent(self, incident: Incident, incidents: Incidents) -> tuple[Incident, list[Exception]]:
        """Each message that goes out is recorded at once. One that its channel will never take is taken out,
        so that it does not hold back the others.
        """
        failures: list[Exception] = []
        for channel in Channel:
            for message in incident.outbox.of(channel):
                is_sent = self._is_taken(channel, message, failures)
                if not is_sent and not isinstance(failures[-1], PermanentError):
                    break
                counted = _with_one_sent(incident, channel) if is_sent else incident
                incident = replace(counted, outbox=counted.outbox.without_first(channel))
                incidents.record_sent(incident)
        return incident, failures

    def _is_taken(self, channel: Channel, message: Message, failures: list[Exception]) -> bool:
        return is_taken(lambda: self._send(channel, message), failures)

    def _send(self, channel: Channel, message: Message) -> None:
        match channel:
            case Channel.MACHINES:
                self.bus.put(message)
            case Channel.CHAT:
                self.chat.publish(message)
            case Channel.PEOPLE:
                self.topic.publish(Alert.of(message))


def is_taken(send: Callable[[], None], failures: list[Exception]) -> bool:
    """Whether it could be sent; why not, is added to the failures."""
    try:
        send()
    except Exception as error:  # noqa: BLE001 -- reported in failures; the other channels must go on
        failures.append(error)
        return False
    return True


def _messages(
    incident: Incident, events: Iterable[Message], alert: Alert | None
) -> Iterator[tuple[Channel, Message]]:
    for event in events:
        yield Channel.MACHINES, event
    if alert:
        yield Channel.CHAT, compose_chat_message(alert, thread=incident.incident_id)
        yield Channel.PEOPLE, alert.message


def _with_one_sent(incident: Incident, channel: Channel) -> Incident:
    """Alerts are counted, by those that people got."""
    sent = incident.alerts_sent + 1 if channel is Channel.PEOPLE else incident.alerts_sent
    return replace(incident, alerts_sent=sent)
