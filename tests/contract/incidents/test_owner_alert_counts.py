"""The counts of an owner's alerts, on DynamoDB's conditions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import BusyError, TransientError
from lambdas.incidents.adapters.owner_alert_counts import DynamoOwnerAlerts
from lambdas.incidents.domain.owner_alerts import MAX_KEYS, PERIOD, Place
from tests.support.builders import NOON
from tests.support.leases_on_moto import create_lease_table
from tests.unit.incidents.test_owner_alerts import an_incident

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients


class Counts:
    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.now = NOON
        create_lease_table(clients)

    def worker(self) -> DynamoOwnerAlerts:
        return DynamoOwnerAlerts(self.clients, "Leases", clock=lambda: self.now)

    def place(self, number: int, group: str = "alice") -> Place:
        return self.worker().place(group, an_incident(number))

    def before_each_write(self, act: Callable[[], object]) -> None:
        acting: list[bool] = []

        def before(**_: object) -> None:
            if not acting:
                acting.append(True)
                act()
                acting.clear()

        self.clients.dynamodb.meta.events.register("before-parameter-build.dynamodb.PutItem", before)


@pytest.fixture
def counts(clients: Clients) -> Counts:
    return Counts(clients)


def test_workers_share_the_limit_and_groups_do_not(counts: Counts) -> None:
    places = [counts.place(number) for number in range(50)]
    assert places == [Place.OWN] * MAX_KEYS + [Place.SHARED] + [Place.NONE] * (49 - MAX_KEYS)
    assert counts.place(99, "bob") is Place.OWN


def test_keys_are_reported_once(counts: Counts) -> None:
    for number in range(MAX_KEYS + 4):
        counts.place(number)
    held = counts.worker().held("alice")
    assert held.count == 3
    counts.worker().mark_reported("alice", held)
    assert counts.worker().held("alice").count == 0


def test_room_is_there_again_after_an_hour(counts: Counts) -> None:
    for number in range(MAX_KEYS + 4):
        counts.place(number)
    counts.now += PERIOD
    assert counts.place(100) is Place.OWN


def test_an_item_expires_after_the_incidents_that_it_counts(counts: Counts) -> None:
    counts.place(1)
    [item] = counts.clients.dynamodb.scan(TableName="Leases")["Items"]
    assert int(item["expiresAt"]["N"]) == int((NOON + timedelta(days=2)).timestamp())


def test_a_count_that_another_worker_wrote_meanwhile_is_kept(counts: Counts) -> None:
    others = iter(range(100, 101))
    counts.before_each_write(lambda: [counts.place(number) for number in others])
    counts.place(1)
    places = [counts.place(number) for number in range(2, 20)]
    assert places.count(Place.OWN) == MAX_KEYS - 2


def test_a_worker_that_is_always_too_late_is_busy(counts: Counts) -> None:
    others = iter(range(100, 200))
    counts.before_each_write(lambda: counts.place(next(others), "alice"))
    with pytest.raises(BusyError):
        counts.place(1)


def test_a_table_that_does_not_answer_is_a_transient_error(counts: Counts) -> None:
    counts.clients.dynamodb.delete_table(TableName="Leases")
    for act in (lambda: counts.place(1), lambda: counts.worker().held("alice")):
        with pytest.raises(TransientError, match="dynamodb:owner-alerts"):
            act()
