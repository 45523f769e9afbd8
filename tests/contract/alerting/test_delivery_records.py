"""The contract of the delivery records: over moto's DynamoDB."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from lambdas.alerting.adapters.delivery_records import CLAIM_SECONDS, DynamoDeliveryRecords
from lambdas.errors import BusyError, TransientError
from lambdas.incidents.domain.outbox import Channel
from tests.support.builders import NOON
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients


@dataclass
class Table:
    """moto's, with a clock that tests move."""

    clients: Clients
    now: datetime = NOON

    def __post_init__(self) -> None:
        create_lease_table(self.clients)
        self.records = DynamoDeliveryRecords(self.clients, "Leases", clock=lambda: self.now)


@pytest.fixture
def table(clients: Clients) -> Table:
    return Table(clients)


def test_a_notification_is_claimed_by_one_worker(table: Table) -> None:
    assert table.records.claim("one") == frozenset()
    with pytest.raises(BusyError):
        table.records.claim("one")
    assert table.records.claim("another") == frozenset()


def test_a_claim_expires(table: Table) -> None:
    table.records.claim("one")
    table.now += timedelta(seconds=CLAIM_SECONDS + 1)
    assert table.records.claim("one") == frozenset()


def test_which_channels_have_received_it_is_known(table: Table) -> None:
    assert table.records.delivered("one") == frozenset()
    table.records.claim("one")
    table.records.mark_delivered("one", Channel.CHAT)
    assert table.records.delivered("one") == {Channel.CHAT}
    table.now += timedelta(seconds=CLAIM_SECONDS + 1)
    assert table.records.claim("one") == {Channel.CHAT}
    table.records.mark_delivered("one", Channel.ALERTS)
    assert table.records.delivered("one") == {Channel.CHAT, Channel.ALERTS}


def test_nothing_is_recorded_without_a_claim(table: Table) -> None:
    table.records.mark_delivered("one", Channel.CHAT)
    assert table.records.delivered("one") == frozenset()


def test_an_id_of_any_length_has_a_record_of_its_own(table: Table) -> None:
    """As the name of an exemption may be as long as a partition key."""
    long, other = "exemption:user:" + "\N{SNOWMAN}" * 700, "exemption:user:" + "\N{SNOWMAN}" * 701
    table.records.claim(long)
    table.records.mark_delivered(long, Channel.ALERTS)
    assert table.records.delivered(long) == {Channel.ALERTS}
    assert table.records.claim(other) == frozenset()


def test_a_missing_permission_is_a_transient_error(table: Table) -> None:
    with Stubber(table.clients.dynamodb) as stub:
        stub.add_client_error("get_item", "AccessDeniedException")
        with pytest.raises(TransientError, match="dynamodb:notifications: AccessDeniedException"):
            table.records.delivered("one")
