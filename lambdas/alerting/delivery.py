"""Notify: tells machines, chat and people what they were not yet told. What a channel does not take goes into
the incident's outbox, from which the timer sends it later, in order.

The channels are told independently: the failure of one neither holds back another nor makes it repeat itself.
The alert to people goes last, right before it is recorded, so that only a crash between these two could send
it twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from lambdas.alerting.domain.alert import Alert
from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.errors import PermanentError
from lambdas.incidents.domain.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from lambdas.alerting.ports import AlertTopic, ChatTopic, IncidentBus
    from lambdas.incidents.domain.incident import Incident
    from lambdas.incidents.domain.outbox import Message
    from lambdas.incidents.ports import Incidents


@dataclass(frozen=True, kw_only=True)
class Delivery:
    topic: AlertTopic
    chat: ChatTopic
    bus: IncidentBus
    tell_refusal: Callable[[Channel, Exception], None]

    def tell(self, incident: Incident, *, events: Iterable[Message], alert: Alert | None) -> Incident:
        """With what went out counted and the rest in its outbox."""
        for channel, message in tuple(_messages(incident, events, alert)):  # all are made, then sent
            if incident.outbox.of(channel) or self._refusal_of(channel, message):
                incident = replace(incident, outbox=incident.outbox.with_last(channel, message))
            else:
                incident = _with_one_sent(incident, channel)
        return incident

    def send_unsent(self, incident: Incident, incidents: Incidents) -> Incident:
        """Each message that goes out is recorded at once. One that its channel will never take is taken out,
        so that it does not hold back the others.
        """
        for channel in Channel:
            for message in incident.outbox.of(channel):
                refusal = self._refusal_of(channel, message)
                if refusal and not isinstance(refusal, PermanentError):
                    break
                counted = incident if refusal else _with_one_sent(incident, channel)
                incident = replace(counted, outbox=counted.outbox.without_first(channel))
                incidents.record_sent(incident)
        return incident

    def _refusal_of(self, channel: Channel, message: Message) -> Exception | None:
        """Why the message was not taken, which is told to operators; None where it was."""
        refusal = refusal_of(lambda: self._send(channel, message))
        if refusal:
            self.tell_refusal(channel, refusal)
        return refusal

    def _send(self, channel: Channel, message: Message) -> None:
        match channel:
            case Channel.MACHINES:
                self.bus.put(message)
            case Channel.CHAT:
                self.chat.publish(message)
            case Channel.PEOPLE:
                self.topic.publish(Alert.of(message))


def refusal_of(send: Callable[[], None]) -> Exception | None:
    """Why it could not be sent; None where it was."""
    try:
        send()
    except Exception as error:  # noqa: BLE001 -- for the caller to tell; the other channels must go on
        return error
    return None


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


def tell_each_once(
    ways: Mapping[Channel, Callable[[], None]],
    told: Collection[Channel],
    mark_delivered: Callable[[Channel], None],
) -> list[Exception]:
    """Sends by each way of a channel that was not `told` yet, and notes it at once, so that the failure of
    one makes no other repeat itself. The failures are returned.
    """
    tried = [
        refusal_of(send) or refusal_of(partial(mark_delivered, channel))
        for channel, send in ways.items()
        if channel not in told
    ]
    return [failure for failure in tried if failure]


def may_be_mended_first(failures: Sequence[Exception]) -> Exception:
    """The one that decides what becomes of the message: it comes again as long as one of them may pass."""
    return next((it for it in failures if not isinstance(it, PermanentError)), failures[0])
