"""A batch of messages from the signal queue: parsed, folded by key, worked off one incident at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.adapters.signals import parse_signal
from lambdas.domain.incident import fold
from lambdas.messages import Attempts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambdas.domain.finding import Finding
    from lambdas.domain.incident import Sightings
    from lambdas.domain.ports import DeadLetters
    from lambdas.domain.signal import Signal
    from lambdas.messages import Message, Outcome

# What the slowest of its calls may take, LookupEvents with its retries; the others take milliseconds.
SECONDS_FOR_AN_INCIDENT = 15


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
        self._attempts = Attempts(dead_letters)
        self._seconds_left = seconds_left

    def work_off(self, messages: Iterable[Message]) -> Outcome:
        parsed = [(message, signal) for message in messages if (signal := self._parse(message))]
        for sightings in fold([signal for _, signal in parsed]):
            concerned = [message for message, signal in parsed if signal.incident_key == sightings.key]
            self._work_off_one(sightings, concerned)
        return self._attempts.outcome

    def _parse(self, message: Message) -> Signal | None:
        return self._attempts.attempt([message], lambda: parse_signal(message.body))

    def _work_off_one(self, sightings: Sightings, messages: list[Message]) -> None:
        if self._seconds_left() < SECONDS_FOR_AN_INCIDENT:
            self._attempts.retry(messages)
            return
        finding = self._attempts.attempt(messages, lambda: self._remediate(sightings))
        if finding is not None:
            self._attempts.outcome.findings.append(finding)
