"""One secret for each user, on DynamoDB's conditions: of several requests one creates a secret."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.enrolment.adapters.secret_reservations import DynamoSecretReservations
from lambdas.errors import BusyError
from tests.support.builders import NOON
from tests.support.ledger_on_moto import TABLE, LedgerOnMoto

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

ALICE, BOB = "AIDAALICE", "AIDABOB"
ONE, OTHER = "access-keys/alice", "access-keys/ci/alice"


@pytest.fixture
def on_moto(clients: Clients) -> LedgerOnMoto:
    return LedgerOnMoto(clients)


def reservations(on_moto: LedgerOnMoto, *, seconds_later: int = 0) -> DynamoSecretReservations:
    at = NOON + timedelta(seconds=seconds_later)
    return DynamoSecretReservations(on_moto.clients, TABLE, clock=lambda: at)


def test_what_is_reserved_for_a_user_is_read_again_and_concerns_no_other_user(on_moto: LedgerOnMoto) -> None:
    assert reservations(on_moto).reserved(ALICE) == ""
    for _ in range(2):
        reservations(on_moto).reserve(ALICE, ONE)
    assert (reservations(on_moto).reserved(ALICE), reservations(on_moto).reserved(BOB)) == (ONE, "")


def test_of_two_runs_that_create_a_secret_for_one_user_at_once_one_has_to_wait(on_moto: LedgerOnMoto) -> None:
    reservations(on_moto).reserve(ALICE, ONE)
    with pytest.raises(BusyError):
        reservations(on_moto, seconds_later=60).reserve(ALICE, OTHER)
    reservations(on_moto, seconds_later=100).reserve(ALICE, ONE)  # the same run, again
    with pytest.raises(BusyError):
        reservations(on_moto, seconds_later=130).reserve(ALICE, OTHER)
    reservations(on_moto, seconds_later=230).reserve(ALICE, OTHER)
    assert reservations(on_moto).reserved(ALICE) == OTHER


def test_a_reservation_is_neither_a_key_nor_a_user_of_the_ledger(on_moto: LedgerOnMoto) -> None:
    reservations(on_moto).reserve(ALICE, ONE)
    assert list(on_moto.ledger.keys_not_listed_since(NOON)) == []
    assert list(on_moto.ledger.users_not_listed_since(NOON)) == []
