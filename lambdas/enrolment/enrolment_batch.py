"""A batch of messages from the enrolments' queue, each user's claim looked at by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.sqs_batch import MessageProcessor, Outcome
from lambdas.enrolment.enrolment_messages import parse_enrolment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambdas.aws.ports import DeadLetterQueue
    from lambdas.aws.sqs_batch import Message
    from lambdas.enrolment.domain.claims import ClaimDecision

# A claim takes some reads and at most five writes.
SECONDS_FOR_A_CLAIM = 15


class EnrolmentBatch:
    """`verdicts` are those that were reached, by the user's name. `seconds_left` as in SignalBatch."""

    def __init__(
        self,
        look_at: Callable[[str, str], ClaimDecision],
        dead_letters: DeadLetterQueue,
        seconds_left: Callable[[], float],
    ) -> None:
        self._look_at = look_at
        self._outcome = Outcome()
        self._attempts = MessageProcessor(dead_letters, self._outcome)
        self._seconds_left = seconds_left
        self.verdicts: list[tuple[str, ClaimDecision]] = []

    def process(self, messages: Iterable[Message]) -> Outcome:
        for message in messages:
            if self._seconds_left() < SECONDS_FOR_A_CLAIM:
                self._attempts.retry([message])
            else:
                self._attempts.attempt([message], lambda: self._work_off_one(message))  # noqa: B023 -- at once
        return self._outcome

    def _work_off_one(self, message: Message) -> None:
        user_name, formerly = parse_enrolment(message.body)
        self.verdicts.append((user_name, self._look_at(user_name, formerly)))
