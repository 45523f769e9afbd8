"""A batch of messages from the signal queue: the signals are folded by key and worked off one incident at a
time, the notifications told one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from lambdas.aws.sqs_batch import MessageProcessor
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import group_by_key
from lambdas.detection.signal_parser import parse_message
from lambdas.remediation.outcome import RemediationOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambdas.aws.ports import DeadLetterQueue
    from lambdas.aws.sqs_batch import Message
    from lambdas.detection.domain.signal_group import SignalGroup
    from lambdas.incidents.domain.finding import Finding
    from lambdas.rotation.domain.notification import Notification

# What the slowest of its calls may take, LookupEvents with its retries; the others take milliseconds.
SECONDS_FOR_AN_INCIDENT = 15
SECONDS_FOR_A_NOTICE = 5


@dataclass(frozen=True)
class _Parsed:
    signals: list[tuple[Message, Signal]] = field(default_factory=list)
    notifications: list[tuple[Message, Notification]] = field(default_factory=list)

    def add(self, message: Message) -> None:
        """Raises PermanentError for what is neither."""
        parsed = parse_message(message.body)
        if isinstance(parsed, Signal):
            self.signals.append((message, parsed))
        elif parsed:
            self.notifications.append((message, parsed))


class SignalBatch:
    """`seconds_left` tells how long the function may still run. An incident is not begun when there may
    be too little time for it: better its messages come again than that the whole batch does.
    """

    def __init__(
        self,
        remediate: Callable[[SignalGroup], Finding | None],
        tell: Callable[[Notification], bool],
        dead_letters: DeadLetterQueue,
        seconds_left: Callable[[], float],
    ) -> None:
        self._remediate = remediate
        self._tell = tell
        self._outcome = RemediationOutcome()
        self._attempts = MessageProcessor(dead_letters, self._outcome)
        self._seconds_left = seconds_left

    def process(self, messages: Iterable[Message]) -> RemediationOutcome:
        parsed = _Parsed()
        for message in messages:
            self._attempts.attempt([message], partial(parsed.add, message))
        for sightings in group_by_key([signal for _, signal in parsed.signals]):
            concerned = [
                message for message, signal in parsed.signals if signal.incident_key == sightings.key
            ]
            self._work_off_one(sightings, concerned)
        for message, notification in parsed.notifications:
            self._tell_one(notification, message)
        return self._outcome

    def _work_off_one(self, sightings: SignalGroup, messages: list[Message]) -> None:
        if self._seconds_left() < SECONDS_FOR_AN_INCIDENT:
            self._attempts.retry(messages)
            return
        finding = self._attempts.attempt(messages, lambda: self._remediate(sightings))
        if finding is not None:
            self._outcome.findings.append(finding)

    def _tell_one(self, notification: Notification, message: Message) -> None:
        if self._seconds_left() < SECONDS_FOR_A_NOTICE:
            self._attempts.retry([message])
        elif self._attempts.attempt([message], lambda: self._tell(notification)):
            self._outcome.told.append(notification)
