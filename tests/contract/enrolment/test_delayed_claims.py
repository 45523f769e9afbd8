"""Delayed messages about a user: however often a message is delivered and a run fails, none multiplies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.enrolment.adapters.delayed_claims import DELAY_SECONDS, DelayedClaims
from lambdas.errors import BusyError, TransientError
from tests.support.builders import NOON
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.adapters.clients import Clients

DELAY = timedelta(seconds=DELAY_SECONDS)
VISIBILITY = timedelta(minutes=6)  # until a message whose run failed is delivered again
MAX_RECEIVES = 10


class Died(BaseException):
    """The process is gone."""


@dataclass
class Waiting:
    """A message in the queue."""

    user: str
    at: datetime
    received: int = 0


@dataclass
class Queue:
    """Messages about users that all have to wait, each processed by a run that may fail at any point."""

    clients: Clients
    faults: list[str] = field(default_factory=list)  # of the next runs; empty ones succeed
    now: datetime = NOON
    waiting: list[Waiting] = field(default_factory=list)
    sent_at: dict[str, list[datetime]] = field(default_factory=dict)
    dead: list[Waiting] = field(default_factory=list)
    fault: str = ""

    def __post_init__(self) -> None:
        self.claims = DelayedClaims(self.clients, "Leases", send=self.send, clock=lambda: self.now)

    def send(self, user: str, delay_seconds: int) -> None:
        if self.fault == "before the send":
            raise Died
        if self.fault == "send refused":
            raise TransientError("sqs:SendMessage: ThrottlingException")
        self.sent_at.setdefault(user, []).append(self.now)
        self.waiting.append(Waiting(user, self.now + timedelta(seconds=delay_seconds)))
        if self.fault == "after the send":
            raise Died

    def report(self) -> None:
        if self.fault == "reporting":
            raise Died

    def deliver_due(self) -> None:
        for message in [one for one in self.waiting if one.at <= self.now]:
            self.fault = self.faults.pop(0) if self.faults else ""
            message.received += 1
            try:
                self.claims.process_later(message.user)
                self.report()
            except (Died, BusyError, TransientError):
                message.at = self.now + VISIBILITY
                if message.received == MAX_RECEIVES:
                    self.dead.append(message)
                    self.waiting.remove(message)
            else:
                if self.fault != "delivered twice":
                    self.waiting.remove(message)

    def run(self, minutes: int) -> None:
        for _ in range(0, minutes, 3):
            self.now += timedelta(minutes=3)
            self.deliver_due()


@pytest.fixture
def leases(clients: Clients) -> Clients:
    create_lease_table(clients)
    return clients


_NUMBERS = count()
FAULTS = ("", "before the send", "send refused", "after the send", "reporting", "delivered twice")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(faults=st.lists(st.sampled_from(FAULTS), max_size=8), number=st.integers(1, 3))
def test_messages_never_multiply_and_none_is_lost(leases: Clients, faults: list[str], number: int) -> None:
    user = f"user-{next(_NUMBERS)}"
    queue = Queue(leases, faults)
    queue.waiting = [Waiting(user, NOON) for _ in range(number)]
    for _ in range(12):
        queue.run(15)
        fresh = [one for one in queue.waiting if one.received == 0]
        assert len(fresh) <= 1, "one that is delayed; the others were delivered, and their runs failed"
    sent = queue.sent_at[user]
    assert all(later - earlier >= DELAY for earlier, later in pairwise(sent))
    queue.faults.clear()
    queue.run(60)
    assert [one.user for one in queue.waiting] == [user], "without a fault one message waits"
    assert not queue.dead


@pytest.mark.parametrize("fault", FAULTS[1:])
def test_after_each_fault_the_claim_is_processed_later(leases: Clients, fault: str) -> None:
    queue = Queue(leases, [fault], waiting=[Waiting("alice", NOON)])
    queue.run(20)
    assert [one.user for one in queue.waiting] == ["alice"]
    assert len(queue.sent_at["alice"]) <= 2


def test_each_user_has_a_message_of_its_own(leases: Clients) -> None:
    queue = Queue(leases, waiting=[Waiting("alice", NOON), Waiting("bob", NOON), Waiting("alice", NOON)])
    queue.run(3)
    assert sorted(one.user for one in queue.waiting) == ["alice", "bob"]
