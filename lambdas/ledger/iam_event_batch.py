"""Tracks a batch of messages with recorded IAM calls, one message at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.aws.sqs_batch import MessageProcessor, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambdas.aws.domain.iam_events import IamEvent
    from lambdas.aws.ports import DeadLetterQueue
    from lambdas.aws.sqs_batch import Message

# Each record needs several reads and writes; the deletion of a user, several for each of its keys.
SECONDS_FOR_A_RECORD = 8


class IamEventBatch:
    """Retries messages for which `seconds_left`, until the function times out, do not suffice."""

    def __init__(
        self,
        track: Callable[[IamEvent], None],
        dead_letters: DeadLetterQueue,
        seconds_left: Callable[[], float],
    ) -> None:
        self._track = track
        self._outcome = Outcome()
        self._processor = MessageProcessor(dead_letters, self._outcome)
        self._seconds_left = seconds_left

    def process(self, messages: Iterable[Message]) -> Outcome:
        for message in messages:
            if self._seconds_left() < SECONDS_FOR_A_RECORD:
                self._processor.retry([message])
            else:
                self._processor.attempt([message], lambda: self._process_message(message))  # noqa: B023 -- called immediately
        return self._outcome

    def _process_message(self, message: Message) -> None:
        event = parse_iam_event(message.body)
        if event is not None:
            self._track(event)
