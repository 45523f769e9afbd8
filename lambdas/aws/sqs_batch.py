"""Messages of a queue, and what becomes of each: worked off, delivered again, or rejected.

What fails fails alone: its messages are delivered again, or rejected if no retry can help, and their
neighbours are worked off all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.errors import BusyError, PermanentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lambdas.aws.ports import DeadLetterQueue

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

    rejected: list[str] = field(default_factory=list)
    to_retry: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)


class MessageProcessor:
    """Work on messages, one piece after the other, of which none can spoil another."""

    def __init__(self, dead_letters: DeadLetterQueue, outcome: Outcome) -> None:
        self._dead_letters = dead_letters
        self._outcome = outcome

    def attempt(self, messages: list[Message], work: Callable[[], T | None]) -> T | None:
        """An error decides what becomes of these messages; a fault of our own is retried too."""
        try:
            return work()
        except BusyError:
            self.retry(messages)
        except PermanentError as error:
            self._reject(messages, str(error))
        except Exception as error:  # noqa: BLE001 -- reported in failures; the neighbours must go on
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
            except Exception as error:  # noqa: BLE001 -- as above: it stays in the queue meanwhile
                self._outcome.failures.append(error)
                self.retry([message])


def messages_of(event: Mapping[str, Any]) -> list[Message]:
    """`event` is what an SQS event source mapping invokes a function with."""
    return [Message(message_id=record["messageId"], body=record["body"]) for record in event["Records"]]


def partial_batch_response(outcome: Outcome) -> dict[str, Any]:
    """By which SQS delivers only some messages of a batch again."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in outcome.to_retry]}
