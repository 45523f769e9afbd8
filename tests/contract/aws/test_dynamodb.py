"""What a conditional write makes of a transaction that writes the same item at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients

CONFLICT = "TransactionConflictException"
KEY = {"name": "n"}


def put(table: ItemTable) -> bool:
    return table.put_if(KEY, condition="attribute_not_exists(name)", values={})


def update(table: ItemTable) -> bool:
    return bool(table.update(KEY, "SET a = :a", condition="attribute_exists(name)", values={":a": 1}))


WRITES = pytest.mark.parametrize(("write", "operation"), [(put, "put_item"), (update, "update_item")])


@WRITES
def test_a_write_in_conflict_with_a_transaction_is_repeated_once(
    clients: Clients, write: Callable[[ItemTable], bool], operation: str
) -> None:
    with Stubber(clients.dynamodb) as stub:
        stub.add_client_error(operation, CONFLICT)
        stub.add_response(operation, {"Attributes": {"name": {"S": "n"}}})
        assert write(ItemTable(clients, "Table"))


@WRITES
def test_an_item_that_transactions_keep_writing_is_busy_which_is_no_failure(
    clients: Clients, write: Callable[[ItemTable], bool], operation: str
) -> None:
    with Stubber(clients.dynamodb) as stub:
        for _ in range(2):
            stub.add_client_error(operation, CONFLICT)
        with pytest.raises(BusyError):
            write(ItemTable(clients, "Table"))
