"""A storm against the queue's rules, with a clock that moves only by what the calls take on AWS."""

from __future__ import annotations

import heapq
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from infra.detection.queues import MAX_RECEIVES
from infra.remediation.remediate import BATCH_SIZE, MAX_CONCURRENCY, TIMEOUT
from lambdas.aws.sqs_batch import Message
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.remediation.signal_batch import SignalBatch
from tests.support.builders import a_record, an_event, key_id
from tests.support.fakes import FakeDeadLetters, FakeLedger, World

if TYPE_CHECKING:
    from lambdas.detection.domain.signal_group import SignalGroup

SECONDS = TIMEOUT.to_seconds()
HIDDEN_SECONDS = 6 * SECONDS + 1
CALLS_OF_A_NEW_KEY, CALLS_OF_A_KEY_OPENED_BY_ANOTHER, CALLS_OF_A_REPEAT = 14, 3, 2
SPARE_SECONDS = 10


@dataclass
class Worker:
    """One warm instance of the function."""

    free_at: float = 0.0
    met: set[str] = field(default_factory=set)


class Storm:
    def __init__(self, keys: int, events: int, call_seconds: float) -> None:
        draw = random.Random(events)  # noqa: S311 -- nothing secret is drawn
        bodies = [an_event(a_record(key_id(number + 1))) for number in range(keys)]
        messages = (Message(message_id=f"m{n}", body=draw.choice(bodies)) for n in range(events))
        self.call_seconds = call_seconds
        self.waiting = deque(messages)
        self.hidden: list[tuple[float, int, Message]] = []
        self.receives: Counter[str] = Counter()
        self.opened: set[str] = set()
        self.longest = 0.0
        self.dead = 0
        known = {key_id(number + 1): KeyEntry(access_key_id=key_id(number + 1)) for number in range(keys)}
        self.intake = World(ledger=FakeLedger(entries=known)).intake

    def blow(self) -> None:
        workers = [Worker() for _ in range(MAX_CONCURRENCY)]
        while self.waiting or self.hidden:
            worker = min(workers, key=lambda one: one.free_at)
            if batch := self._receive(worker.free_at):
                self._invoke(worker, batch)
            elif self.hidden:
                worker.free_at = max(worker.free_at, self.hidden[0][0])

    def _receive(self, now: float) -> list[Message]:
        while self.hidden and self.hidden[0][0] <= now:
            self.waiting.append(heapq.heappop(self.hidden)[2])
        batch: list[Message] = []
        while self.waiting and len(batch) < BATCH_SIZE:
            message = self.waiting.popleft()
            if self.receives[message.message_id] == MAX_RECEIVES:
                self.dead += 1
                continue
            self.receives[message.message_id] += 1
            batch.append(message)
        return batch

    def _invoke(self, worker: Worker, messages: list[Message]) -> None:
        began = worker.free_at

        def remediate(group: SignalGroup, *, may_wait: bool) -> None:  # noqa: ARG001
            worker.free_at += self.call_seconds * self._calls(worker, group.key)

        batch = SignalBatch(
            remediate,
            send=lambda _: True,
            dead_letters=FakeDeadLetters(),
            seconds_left=lambda: SECONDS - (worker.free_at - began),
            intake=self.intake,
        )
        again = set(batch.process(messages).to_retry)
        self.longest = max(self.longest, worker.free_at - began)
        for message in messages:
            if message.message_id in again:
                heapq.heappush(self.hidden, (began + HIDDEN_SECONDS, int(message.message_id[1:]), message))

    def _calls(self, worker: Worker, key: str) -> int:
        if key in worker.met:
            return CALLS_OF_A_REPEAT
        worker.met.add(key)
        if key in self.opened:
            return CALLS_OF_A_KEY_OPENED_BY_ANOTHER
        self.opened.add(key)
        return CALLS_OF_A_NEW_KEY


@pytest.mark.parametrize(("keys", "call_seconds"), [(50, 0.1), (300, 0.2)])
def test_no_message_is_given_up_because_it_was_put_back_for_want_of_time(
    keys: int, call_seconds: float
) -> None:
    storm = Storm(keys, events=5_000, call_seconds=call_seconds)
    storm.blow()
    assert (storm.dead, len(storm.opened)) == (0, keys)
    assert storm.longest < SECONDS - SPARE_SECONDS
