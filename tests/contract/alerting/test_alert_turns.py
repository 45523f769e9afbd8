"""The contract of the turns in which alerts are sent: over moto's DynamoDB; sleeping moves the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from lambdas.alerting.adapters.alert_turns import ALERTS_PER_SECOND, DynamoAlertTurns
from lambdas.alerting.delivery import LONG_WAIT, SHORT_WAIT
from lambdas.errors import BusyError
from tests.support.builders import NOON
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

INTERVAL = timedelta(seconds=1) / ALERTS_PER_SECOND
WORKERS = 7  # remediate runs five times at once, the timer once, and something is to spare


@dataclass
class Worker:
    clients: Clients
    now: datetime = NOON

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def send(self, longest_wait: timedelta = LONG_WAIT) -> datetime:
        DynamoAlertTurns(self.clients, "Leases", clock=lambda: self.now, sleep=self.sleep).wait(longest_wait)
        return self.now


@pytest.fixture
def workers(clients: Clients) -> list[Worker]:
    create_lease_table(clients)
    return [Worker(clients) for _ in range(WORKERS)]


def test_a_single_alert_does_not_wait(workers: list[Worker]) -> None:
    assert workers[0].send() == NOON
    workers[1].now += timedelta(minutes=1)
    assert workers[1].send() == NOON + timedelta(minutes=1)


def test_workers_that_send_at_once_take_turns(workers: list[Worker]) -> None:
    sent = []
    for _ in range(70):
        worker = min(workers, key=lambda one: one.now)
        sent.append(worker.send())
        worker.now += timedelta(milliseconds=3)
    assert sorted(sent) == sent
    assert min(later - earlier for earlier, later in pairwise(sent)) >= INTERVAL
    assert sent[-1] - sent[0] < 70 * INTERVAL + timedelta(seconds=1), "no turn is wasted"


def test_whoever_would_wait_too_long_takes_no_turn(workers: list[Worker]) -> None:
    sent = [worker.send(SHORT_WAIT) for worker in workers[:3]]
    with pytest.raises(BusyError):
        workers[3].send(SHORT_WAIT)
    assert workers[4].send() == sent[-1] + INTERVAL


def test_the_turn_of_a_clock_that_was_wrong_by_hours_keeps_nobody_waiting(workers: list[Worker]) -> None:
    workers[0].now += timedelta(hours=3)
    workers[0].send()
    assert workers[1].send() == NOON
