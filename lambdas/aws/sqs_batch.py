"""Processes a batch of SQS messages, so that the failure of one does not affect the others.

A message that fails is delivered again, or moved to the dead-letter queue if no retry can help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from lambdas.aws.ports import DeadLetterQueue
from lambdas.errors import BusyError, PermanentError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Message:
    message_id: str
    body: str
    deliveries: int = 1  # this one included
    sent_at: datetime | None = None  # None if the event does not say so


@dataclass(frozen=True, kw_only=True)
class Outcome:
    rejected: list[str] = field(default_factory=list)  # `id: reason` of the messages in the dead-letter queue
    to_retry: list[str] = field(default_factory=list)  # ids of the messages that SQS delivers again
    # What went wrong. Neither a busy worker nor a lack of time is a failure.
    failures: list[Exception] = field(default_factory=list)


class MessageProcessor:
    """Runs one piece of work after the other and records the outcome of its messages."""

    def __init__(self, dead_letters: DeadLetterQueue, outcome: Outcome) -> None:
        self._dead_letters = dead_letters
        self._outcome = outcome

    def attempt(self, messages: list[Message], work: Callable[[], T | None]) -> T | None:
        """None if the work fails; its error decides whether the messages are retried or rejected."""
        try:
            return work()
        except BusyError:
            self.retry(messages)
        except PermanentError as error:
            self._reject(messages, str(error))
        except Exception as error:  # noqa: BLE001 -- reported in failures; the other messages must be processed
            self._outcome.failures.append(error)
            self.retry(messages)
        return None

    def retry(self, messages: Iterable[Message]) -> None:
        self._outcome.to_retry.extend(message.message_id for message in messages)

    def _reject(self, messages: list[Message], reason: str) -> None:
        for message in messages:
            try:
                self._dead_letters.reject(message.body, reason)
                self._outcome.rejected.append(f"{message.message_id}: {reason}")
            except Exception as error:  # noqa: BLE001 -- as above; the message stays in its queue
                self._outcome.failures.append(error)
                self.retry([message])


@dataclass(kw_only=True, eq=False, repr=False)
class QueueWorker:
    """Handles messages one by one, in order."""

    handle: Callable[[str], None]  # gets the body
    dead_letters: DeadLetterQueue
    seconds_needed: float  # for one message; with less time left, it is delivered again

    def process(self, messages: Iterable[Message], seconds_left: Callable[[], float]) -> Outcome:
        outcome = Outcome()
        processor = MessageProcessor(self.dead_letters, outcome)
        for message in messages:
            if seconds_left() < self.seconds_needed:
                processor.retry([message])
            else:
                processor.attempt([message], partial(self.handle, message.body))
        return outcome


def parse_messages(event: Mapping[str, Any]) -> list[Message]:
    """The messages in an event of an SQS event source mapping."""
    return [_message(record) for record in event["Records"]]


def _message(record: Mapping[str, Any]) -> Message:
    attributes = record.get("attributes", {})
    milliseconds = attributes.get("SentTimestamp")
    return Message(
        message_id=record["messageId"],
        body=record["body"],
        deliveries=int(attributes.get("ApproximateReceiveCount", 1)),
        sent_at=datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None,
    )


def partial_batch_response(outcome: Outcome) -> dict[str, Any]:
    """A function's answer that makes SQS deliver again only the messages to retry."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in outcome.to_retry]}
