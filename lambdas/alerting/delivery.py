"""Sends alerts, chat messages and events, each to its channel.

The channels are independent: a failure of one neither delays another nor makes it repeat a message. Alerts
are sent last, right before the delivery is recorded, so that only a crash between the two sends one twice.

Alerts are sent in turns, because SNS suspends an e-mail subscription in a burst (adapters/alert_turns.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from lambdas.alerting.domain.alert import Alert
from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.alerting.ports import AlertTopic, ChatTopic, DeliveryRecords, IncidentBus
from lambdas.errors import PermanentError
from lambdas.incidents.domain.incident import Incident
from lambdas.incidents.domain.outbox import Channel, Message
from lambdas.incidents.ports import Incidents

# An alert that can wait in an outbox holds up its worker no longer than this, so that a burst of signals is
# processed faster than alerts may be sent.
SHORT_WAIT = timedelta(milliseconds=500)
LONG_WAIT = timedelta(seconds=3)  # far more than the turns that all workers can have taken


@dataclass(kw_only=True, eq=False, repr=False)
class Delivery:
    topic: AlertTopic
    chat: ChatTopic
    bus: IncidentBus
    records: DeliveryRecords
    wait_for_turn: Callable[[timedelta], None]  # at most for that time, else raises BusyError
    report_failure: Callable[[Channel, Exception], None]

    def send(self, incident: Incident, *, events: Iterable[Message], alert: Alert | None) -> Incident:
        """Returns the incident with its alerts counted. Messages that a channel did not accept are added to
        its outbox, and so are those for a channel that still has older messages there.
        """
        for channel, message in tuple(_messages(incident, events, alert)):  # all are composed, then sent
            if incident.outbox.of(channel) or self._failure(channel, message, SHORT_WAIT):
                incident = replace(incident, outbox=incident.outbox.with_last(channel, message))
            else:
                incident = _with_one_sent(incident, channel)
        return incident

    def send_pending(self, incident: Incident, incidents: Incidents) -> Incident:
        """Sends the messages of the outbox in order and records each success immediately. Drops a message
        that its channel can never accept, because it would block the messages behind it.
        """
        for channel in Channel:
            for message in incident.outbox.of(channel):
                failure = self._failure(channel, message, LONG_WAIT)
                if failure and not isinstance(failure, PermanentError):
                    break
                counted = incident if failure else _with_one_sent(incident, channel)
                incident = replace(counted, outbox=counted.outbox.without_first(channel))
                incidents.record_sent(incident)
        return incident

    def was_sent(self, notification_id: str) -> bool:
        """Whether every channel has received the notification. Raises TransientError."""
        return self.records.delivered(notification_id) == set(Channel)

    def send_once(
        self,
        notification_id: str,
        alert: Alert,
        *,
        thread: str,
        event: Callable[[], Message | None] = lambda: None,
    ) -> None:
        """Sends to each channel that has not received the notification, and records each success immediately.

        `thread` groups chat messages; `event` composes the event, None for none. Raises BusyError while
        another worker sends the same notification; if a channel fails, the error that decides whether the
        notification is retried.
        """
        compose: dict[Channel, Callable[[], Message | None]] = {
            Channel.EVENTS: event,
            Channel.CHAT: lambda: compose_chat_message(alert, thread=thread),
            Channel.ALERTS: lambda: alert.message,
        }
        delivered = self.records.claim(notification_id)
        failures: list[Exception] = []
        for channel in (channel for channel in Channel if channel not in delivered):
            try:
                if message := compose[channel]():
                    self._send(channel, message, LONG_WAIT)
                self.records.mark_delivered(notification_id, channel)
            except Exception as error:  # noqa: BLE001 -- raised below; the other channels must be tried
                failures.append(error)
        if failures:
            raise most_retryable(failures)

    def _failure(self, channel: Channel, message: Message, longest_wait: timedelta) -> Exception | None:
        """The error by which the channel did not accept the message, reported to operators."""
        try:
            self._send(channel, message, longest_wait)
        except Exception as error:  # noqa: BLE001 -- reported; the other channels must be tried
            self.report_failure(channel, error)
            return error
        return None

    def _send(self, channel: Channel, message: Message, longest_wait: timedelta) -> None:
        match channel:
            case Channel.EVENTS:
                self.bus.put(message)
            case Channel.CHAT:
                self.chat.publish(message)
            case Channel.ALERTS:
                self.wait_for_turn(longest_wait)
                self.topic.publish(Alert.of(message))


def most_retryable(failures: Sequence[Exception]) -> Exception:
    """The error that decides whether a notification is retried: a transient one if there is any."""
    return next((it for it in failures if not isinstance(it, PermanentError)), failures[0])


def _messages(
    incident: Incident, events: Iterable[Message], alert: Alert | None
) -> Iterator[tuple[Channel, Message]]:
    for event in events:
        yield Channel.EVENTS, event
    if alert:
        yield Channel.CHAT, compose_chat_message(alert, thread=incident.incident_id)
        yield Channel.ALERTS, alert.message


def _with_one_sent(incident: Incident, channel: Channel) -> Incident:
    sent = incident.alerts_sent + 1 if channel is Channel.ALERTS else incident.alerts_sent
    return replace(incident, alerts_sent=sent)
