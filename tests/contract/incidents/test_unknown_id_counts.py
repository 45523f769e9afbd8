"""The counts of unknown ids, on DynamoDB's conditions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import BusyError, TransientError
from lambdas.incidents.adapters.unknown_id_counts import DynamoUnknownIds
from lambdas.incidents.domain.unknown_ids import MAX_ALERTS, MAX_INCIDENTS, NewId
from tests.support.builders import ACCOUNT, NOON
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients


class Counts:
    """The lease table, and as many workers as a test wants."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.now = NOON
        self.calls: list[str] = []
        create_lease_table(clients)
        clients.dynamodb.meta.events.register(
            "before-call.dynamodb", lambda model, **_: self.calls.append(model.name)
        )

    def worker(self) -> DynamoUnknownIds:
        return DynamoUnknownIds(self.clients, "Leases", account=ACCOUNT, clock=lambda: self.now)


@pytest.fixture
def counts(clients: Clients) -> Counts:
    return Counts(clients)


def new_id(number: int, source: str = "") -> NewId:
    return NewId(incident_key=f"AKIA{number}", source=source or f"source-{number}", is_silent=False)


def meanwhile(counts: Counts, times: int, act: Callable[[int], object]) -> None:
    """Acts before each of the next writes."""
    left: list[int] = list(range(times))
    acting: list[bool] = []

    def before(**_: object) -> None:
        if left and not acting:
            acting.append(True)
            act(left.pop())
            acting.clear()

    counts.clients.dynamodb.meta.events.register("before-parameter-build.dynamodb.PutItem", before)


def test_workers_share_the_limit(counts: Counts) -> None:
    workers = [counts.worker() for _ in range(3)]
    keys = [workers[number % 3].assign(new_id(number)) for number in range(100)]
    assert sum(key.startswith("AKIA") for key in keys) == MAX_INCIDENTS
    assert keys[-1] == f"unknown:{ACCOUNT}"


def test_an_id_that_another_worker_counted_is_not_counted_again(counts: Counts) -> None:
    assert [counts.worker().assign(new_id(1)) for _ in range(50)] == ["AKIA1"] * 50
    assert counts.worker().assign(new_id(2)) == "AKIA2"


def test_a_count_that_another_worker_wrote_meanwhile_is_kept(counts: Counts) -> None:
    other = counts.worker()
    meanwhile(counts, 1, lambda number: other.assign(new_id(100 + number)))
    assert counts.worker().assign(new_id(1)) == "AKIA1"
    keys = [counts.worker().assign(new_id(number)) for number in range(2, 30)]
    assert sum(key.startswith("AKIA") for key in keys) == MAX_INCIDENTS - 2


def test_a_worker_that_is_always_too_late_is_busy(counts: Counts) -> None:
    others = [counts.worker() for _ in range(9)]
    meanwhile(counts, 9, lambda number: others[number].assign(new_id(100 + number)))
    with pytest.raises(BusyError):
        counts.worker().assign(new_id(1))


def test_in_a_flood_nothing_is_read_or_written_for_most_ids(counts: Counts) -> None:
    worker = counts.worker()
    for number in range(MAX_ALERTS):
        worker.assign(new_id(number))
    worker.may_be_open(["AKIA1"])
    counts.calls.clear()
    for number in range(1_000):
        counts.now += timedelta(milliseconds=9)
        if number % 100 == 0:
            worker.may_be_open([f"AKIA{number + 100}"])
        worker.assign(new_id(number + 100))
    assert counts.calls == ["GetItem"]


def test_an_id_whose_incident_another_worker_opened_may_be_open(counts: Counts) -> None:
    worker, other = counts.worker(), counts.worker()
    assert worker.may_be_open(["AKIA1"]) == frozenset()
    other.assign(new_id(1))
    assert worker.may_be_open(["AKIA1", "AKIA2"]) == {"AKIA1"}
    counts.now += timedelta(days=1)
    assert counts.worker().may_be_open(["AKIA1", "AKIA2"]) == {"AKIA1"}


def test_room_is_there_again_after_an_hour_and_after_a_release(counts: Counts) -> None:
    worker = counts.worker()
    for number in range(MAX_INCIDENTS):
        worker.assign(new_id(number))
    worker.release("AKIA3")
    assert worker.assign(new_id(100)) == "AKIA100"
    assert worker.assign(new_id(101, "flood")) == f"unknown:{ACCOUNT}:flood"
    counts.now += timedelta(hours=1)
    assert worker.assign(new_id(500)) == "AKIA500"


def test_updates_are_refused_beyond_the_limit_for_every_worker(counts: Counts) -> None:
    sent = [counts.worker().count_update("AKIA1") for _ in range(MAX_ALERTS + 5)]
    assert sent == [True] * (MAX_ALERTS - 2) + [False] * 7


def test_a_table_that_does_not_answer_is_a_transient_error(counts: Counts) -> None:
    counts.clients.dynamodb.delete_table(TableName="Leases")
    worker = counts.worker()
    for act in (
        lambda: worker.assign(new_id(1)),
        lambda: worker.release("x"),
        lambda: worker.count_update("x"),
    ):
        with pytest.raises(TransientError, match="dynamodb:unknown-ids"):
            act()
