"""Processes a batch from the signal queue: groups signals by access key and processes one incident at a time,
then sends each notification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from lambdas.aws.ports import DeadLetterQueue
from lambdas.aws.sqs_batch import Message, MessageProcessor
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import SignalGroup, group_by_key
from lambdas.detection.signal_parser import parse_message
from lambdas.incidents.domain.finding import Finding
from lambdas.remediation.outcome import RemediationOutcome
from lambdas.rotation.domain.notification import Notification

# As long as its slowest call may take, LookupEvents with retries; the others take milliseconds.
SECONDS_FOR_AN_INCIDENT = 15
SECONDS_FOR_A_NOTIFICATION = 5


@dataclass(frozen=True)
class _Parsed:
    signals: list[tuple[Message, Signal]] = field(default_factory=list)
    notifications: list[tuple[Message, Notification]] = field(default_factory=list)

    def add(self, message: Message) -> None:
        """Raises PermanentError if the message is neither."""
        parsed = parse_message(message.body)
        if isinstance(parsed, Signal):
            self.signals.append((message, parsed))
        elif parsed:
            self.notifications.append((message, parsed))


class SignalBatch:
    def __init__(
        self,
        remediate: Callable[[SignalGroup], Finding | None],
        send: Callable[[Notification], bool],
        dead_letters: DeadLetterQueue,
        seconds_left: Callable[[], float],
    ) -> None:
        """`seconds_left` is how long the function may still run. Without enough time, the messages return to
        the queue: that costs less than a timeout, after which the whole batch is retried.
        """
        self._remediate = remediate
        self._send = send
        self._outcome = RemediationOutcome()
        self._processor = MessageProcessor(dead_letters, self._outcome)
        self._seconds_left = seconds_left

    def process(self, messages: Iterable[Message]) -> RemediationOutcome:
        parsed = _Parsed()
        for message in messages:
            self._processor.attempt([message], partial(parsed.add, message))
        for group in group_by_key([signal for _, signal in parsed.signals]):
            of_key = [message for message, signal in parsed.signals if signal.incident_key == group.key]
            self._process_incident(group, of_key)
        for message, notification in parsed.notifications:
            self._send_notification(notification, message)
        return self._outcome

    def _process_incident(self, group: SignalGroup, messages: list[Message]) -> None:
        if self._seconds_left() < SECONDS_FOR_AN_INCIDENT:
            self._processor.retry(messages)
            return
        finding = self._processor.attempt(messages, lambda: self._remediate(group))
        if finding is not None:
            self._outcome.findings.append(finding)

    def _send_notification(self, notification: Notification, message: Message) -> None:
        if self._seconds_left() < SECONDS_FOR_A_NOTIFICATION:
            self._processor.retry([message])
        elif self._processor.attempt([message], lambda: self._send(notification)):
            self._outcome.notifications.append(notification)
