"""The states of rotations, and how far a pass over them has come, over moto."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.retirement.adapters.retirement_cursor import DynamoRetirementCursor
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.domain.rotation_state import RotationState
from tests.contract.incidents.test_incidents import Tables

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

NAMES = ["access-keys/a", "access-keys/b", "access-keys/c"]


def test_all_states_are_found_among_the_keys_of_the_ledger(clients: Clients) -> None:
    clients.dynamodb.create_table(
        TableName="Ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "accessKeyId", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "accessKeyId", "KeyType": "HASH"}],
    )
    clients.dynamodb.put_item(TableName="Ledger", Item={"accessKeyId": {"S": "AKIAOTHER"}})
    rotations = DynamoRotations(clients, "Ledger")
    written = [
        rotations.write(RotationState(secret_name=name, user_name=name[-1], current_key_id="AKIA" + name))
        for name in NAMES
    ]
    assert sorted(rotations.all_states(), key=lambda state: state.secret_name) == written
    assert rotations.all_names() == NAMES
    assert rotations.users_by_secret() == dict(zip(NAMES, "abc", strict=True))


def test_a_run_resumes_after_the_secret_that_was_last_started(clients: Clients) -> None:
    Tables(clients)
    cursor = DynamoRetirementCursor(clients, "Leases")
    assert cursor.resume_order(NAMES) == NAMES
    cursor.start(NAMES[1])
    again = DynamoRetirementCursor(clients, "Leases")
    assert again.resume_order(NAMES) == [NAMES[2], NAMES[0], NAMES[1]]
    assert again.resume_order(NAMES[:1]) == NAMES[:1]
