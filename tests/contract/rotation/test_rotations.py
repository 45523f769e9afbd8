"""The states of rotations, and how far a pass over them has come, over moto."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import PermanentError
from lambdas.retirement.adapters.retirement_cursor import DynamoRetirementCursor
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.domain.rotation_state import RotationState
from tests.contract.incidents.test_incidents import Tables
from tests.support.ledger_on_moto import TABLE, LedgerOnMoto

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

NAMES = ["access-keys/a", "access-keys/b", "access-keys/c"]


def the_rotations(clients: Clients) -> DynamoRotations:
    LedgerOnMoto(clients)
    clients.dynamodb.put_item(TableName=TABLE, Item={"accessKeyId": {"S": "AKIAOTHER"}})
    return DynamoRotations(clients, TABLE)


def bound(name: str, user_id: str = "AIDAALICE") -> RotationState:
    return RotationState(secret_name=name).bound_to("alice", user_id)


def test_all_states_are_found_among_the_keys_of_the_ledger(clients: Clients) -> None:
    rotations = the_rotations(clients)
    written = [
        rotations.write(RotationState(secret_name=name, user_name=name[-1], current_key_id="AKIA" + name))
        for name in NAMES
    ]
    assert sorted(rotations.all_states(), key=lambda state: state.secret_name) == written
    assert rotations.all_names() == NAMES
    assert rotations.users_by_secret() == dict(zip(NAMES, "abc", strict=True))


def test_the_states_of_a_user_are_found_whatever_its_name(clients: Clients) -> None:
    rotations = the_rotations(clients)
    written = [
        rotations.write(bound(NAMES[0])),
        rotations.write(replace(bound(NAMES[1]), user_name="renamed")),
    ]
    rotations.write(bound(NAMES[2], "AIDAOTHER"))
    assert rotations.states_of("AIDAALICE") == written
    assert rotations.states_of("AIDANOBODY") == []


def test_a_state_that_was_written_before_there_was_an_index_is_added_by_the_next_run(
    clients: Clients,
) -> None:
    rotations = the_rotations(clients)
    table, key = clients.dynamodb, {"accessKeyId": {"S": f"rotation:{NAMES[0]}"}}
    rotations.write(bound(NAMES[0]))
    table.update_item(TableName=TABLE, Key=key, UpdateExpression="REMOVE ownerName")
    assert rotations.states_of("AIDAALICE") == []
    assert rotations.all_names() == NAMES[:1]
    assert [state.secret_name for state in rotations.states_of("AIDAALICE")] == NAMES[:1]
    assert rotations.read(NAMES[0]).version == 2
    rotations.all_names()
    assert rotations.read(NAMES[0]).version == 2


def test_more_secrets_than_a_user_can_need_are_an_error(clients: Clients) -> None:
    rotations = the_rotations(clients)
    for number in range(11):
        rotations.write(bound(f"access-keys/{number}"))
    with pytest.raises(PermanentError, match="more than 10 secrets"):
        rotations.states_of("AIDAALICE")


def test_a_run_resumes_after_the_secret_that_was_last_started(clients: Clients) -> None:
    Tables(clients)
    cursor = DynamoRetirementCursor(clients, "Leases")
    assert cursor.resume_order(NAMES) == NAMES
    cursor.start(NAMES[1])
    again = DynamoRetirementCursor(clients, "Leases")
    assert again.resume_order(NAMES) == [NAMES[2], NAMES[0], NAMES[1]]
    assert again.resume_order(NAMES[:1]) == NAMES[:1]
