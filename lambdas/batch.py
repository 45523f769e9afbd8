"""A batch of messages from the signal queue: parsed, folded by key, worked off one incident at a time.

What fails fails alone: its messages are delivered again, or rejected if no retry can help, and their
neighbours are worked off all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from lambdas.adapters.cloudtrail import parse_signal
from lambdas.domain.errors import BusyError, PermanentError
from lambdas.domain.incident import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambdas.domain.finding import Finding
    from lambdas.domain.incident import Sightings
    from lambdas.domain.ports import DeadLetters
    from lambdas.domain.signal import Signal


# What the slowest of its calls may take, LookupEvents with its retries; the others take milliseconds.
SECONDS_FOR_AN_INCIDENT = 15

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Message:
    message_id: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`to_retry` are ids of messages to be delivered again. `failures` are the errors behind those
    where something is wrong, so not the ones for which another worker is merely busy, or that there
    was no time for.
    """

    findings: list[Finding] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    to_retry: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)


class Batch:
    """`seconds_left` tells how long the function may still run. An incident is not begun when there may
    be too little time for it: better its messages come again than that the whole batch does.
    """

    def __init__(
        self,
        remediate: Callable[[Sightings], Finding | None],
        dead_letters: DeadLetters,
        seconds_left: Callable[[], float],
    ) -> None:
        self._remediate = remediate
        self._dead_letters = dead_letters
        self._seconds_left = seconds_left
        self._outcome = Outcome()

    def work_off(self, messages: Iterable[Message]) -> Outcome:
        parsed = [(message, signal) for message in messages if (signal := self._parse(message))]
        for sightings in fold([signal for _, signal in parsed]):
            concerned = [message for message, signal in parsed if signal.incident_key == sightings.key]
            self._work_off_one(sightings, concerned)
        return self._outcome

    def _parse(self, message: Message) -> Signal | None:
        return self._attempt([message], lambda: parse_signal(message.body))

    def _work_off_one(self, sightings: Sightings, messages: list[Message]) -> None:
        if self._seconds_left() < SECONDS_FOR_AN_INCIDENT:
            self._retry(messages)
            return
        finding = self._attempt(messages, lambda: self._remediate(sightings))
        if finding is not None:
            self._outcome.findings.append(finding)

    def _attempt(self, messages: list[Message], work: Callable[[], T | None]) -> T | None:
        """An error decides what becomes of these messages; a fault of our own is retried too."""
        try:
            return work()
        except BusyError:
            self._retry(messages)
        except PermanentError as error:
            self._reject(messages, str(error))
        except Exception as error:  # noqa: BLE001 -- reported in failures; the neighbours must go on
            self._outcome.failures.append(error)
            self._retry(messages)
        return None

    def _reject(self, messages: list[Message], reason: str) -> None:
        for message in messages:
            try:
                self._dead_letters.reject(message.body, reason)
                self._outcome.rejected.append(f"{message.message_id}: {reason}")
            except Exception as error:  # noqa: BLE001 -- as above: it stays in the queue meanwhile
                self._outcome.failures.append(error)
                self._retry([message])

    def _retry(self, messages: Iterable[Message]) -> None:
        self._outcome.to_retry.extend(message.message_id for message in messages)
