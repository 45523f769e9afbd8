"""Processes a batch from the signal queue: groups signals by access key and processes one incident at a time,
known keys first, and sends each notification.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeAlias

from lambdas.aws.ports import DeadLetterQueue
from lambdas.aws.sqs_batch import Message, MessageProcessor
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import SignalGroup, group_by_key
from lambdas.detection.signal_parser import parse_message
from lambdas.incidents.domain.finding import Finding
from lambdas.remediation.outcome import RemediationOutcome
from lambdas.remediation.unknown_id_intake import UnknownIdIntake, fold
from lambdas.rotation.domain.notification import Notification

# As long as its slowest call may take, LookupEvents with retries; the others take milliseconds.
SECONDS_FOR_AN_INCIDENT = 15
SECONDS_FOR_A_NOTIFICATION = 5
MAX_DELIVERIES = 3  # by then an alert is sent without what cannot be read


class Remediate(Protocol):
    def __call__(self, group: SignalGroup, *, may_wait: bool) -> Finding | None: ...


_Signals: TypeAlias = list[tuple[Message, Signal]]


@dataclass(frozen=True)
class _Parsed:
    signals: _Signals = field(default_factory=list)
    notifications: list[tuple[Message, Notification]] = field(default_factory=list)

    def add(self, message: Message) -> None:
        """Raises PermanentError if the message is neither."""
        parsed = parse_message(message.body, message.sent_at)
        if isinstance(parsed, Signal):
            self.signals.append((message, parsed))
        elif parsed:
            self.notifications.append((message, parsed))


class SignalBatch:
    def __init__(
        self,
        remediate: Remediate,
        send: Callable[[Notification], bool],
        dead_letters: DeadLetterQueue,
        seconds_left: Callable[[], float],
        *,
        intake: UnknownIdIntake,
    ) -> None:
        """`seconds_left` is how long the function may still run. Without enough time, the messages return to
        the queue: that costs less than a timeout, after which the whole batch is retried.
        """
        self._remediate = remediate
        self._send = send
        self._outcome = RemediationOutcome()
        self._processor = MessageProcessor(dead_letters, self._outcome)
        self._seconds_left = seconds_left
        self._intake = intake

    def process(self, messages: Iterable[Message]) -> RemediationOutcome:
        """Known keys first, then notifications: neither waits for ids that nothing knows."""
        parsed = _Parsed()
        for message in messages:
            self._processor.attempt([message], partial(parsed.add, message))
        groups = group_by_key([signal for _, signal in parsed.signals])
        everything = [message for message, _ in parsed.signals]
        known, unknown = self._known_first(everything, groups)
        for group in known:
            self._process_incident(group, parsed.signals)
        for message, notification in parsed.notifications:
            self._send_notification(notification, message)
        self._process_unknown(unknown, parsed.signals)
        return self._outcome

    def _known_first(
        self, messages: list[Message], groups: Sequence[SignalGroup]
    ) -> tuple[Sequence[SignalGroup], Sequence[SignalGroup]]:
        """Both are empty while the messages wait for the ledger. Without it, no id is known."""
        if _may_wait(messages):
            split = self._processor.attempt(messages, lambda: self._intake.known_first(groups))
            return split or ((), ())
        split = self._processor.attempt([], lambda: self._intake.known_first(groups))
        return split or self._intake.none_known(groups)

    def _process_unknown(self, unknown: Sequence[SignalGroup], signals: _Signals) -> None:
        of_unknown = _of(unknown, signals)
        messages = [message for message, _ in of_unknown]
        is_open = self._processor.attempt(messages, lambda: self._intake.open_keys(unknown))
        if is_open is None:
            return
        shared: dict[str, str] = {}
        for group in unknown:
            if key := self._process_unless_shared(group, is_open, of_unknown):
                shared[group.key] = key
        self._process_shared(unknown, shared, of_unknown)

    def _process_unless_shared(
        self, group: SignalGroup, is_open: Collection[str], signals: _Signals
    ) -> str | None:
        """The key of the incident that the id shares; None if it was processed, or failed."""
        messages = [message for message, _ in _of([group], signals)]
        key = self._processor.attempt(messages, lambda: self._intake.assign(group, is_open))
        if key != group.key:
            return key
        finding = self._process_incident(group, signals)
        if finding and finding.owner_name:
            self._processor.attempt([], lambda: self._intake.release(group.key))
        return None

    def _process_shared(
        self, unknown: Sequence[SignalGroup], shared: Mapping[str, str], signals: _Signals
    ) -> None:
        to_share = [(message, signal) for message, signal in signals if signal.incident_key in shared]
        messages = [message for message, _ in to_share]
        keys = self._processor.attempt(messages, lambda: self._intake.keep_with_source(shared, unknown))
        if keys is None:
            return
        folded = [(message, fold(signal, keys[signal.incident_key])) for message, signal in to_share]
        for group in group_by_key([signal for _, signal in folded]):
            self._process_incident(group, folded)

    def _process_incident(self, group: SignalGroup, signals: _Signals) -> Finding | None:
        messages = [message for message, _ in _of([group], signals)]
        if self._seconds_left() < SECONDS_FOR_AN_INCIDENT:
            self._processor.retry(messages)
            return None
        may_wait = _may_wait(messages)
        finding = self._processor.attempt(messages, lambda: self._remediate(group, may_wait=may_wait))
        if finding is not None:
            self._outcome.add(finding)
        return finding

    def _send_notification(self, notification: Notification, message: Message) -> None:
        if self._seconds_left() < SECONDS_FOR_A_NOTIFICATION:
            self._processor.retry([message])
        elif self._processor.attempt([message], lambda: self._send(notification)):
            self._outcome.notifications.append(notification)


def _may_wait(messages: Iterable[Message]) -> bool:
    return all(message.deliveries < MAX_DELIVERIES for message in messages)


def _of(groups: Iterable[SignalGroup], signals: _Signals) -> _Signals:
    keys = {group.key for group in groups}
    return [(message, signal) for message, signal in signals if signal.incident_key in keys]
