"""Policies that allow only items with certain partition keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

MINE = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["mine:*"]}}
NOT_THEIRS = {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["theirs:*"]}}
ACTIONS = [f"dynamodb:{name}" for name in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")]


@pytest.fixture
def table(bench: Workbench) -> str:
    name, tables = bench.name("table"), bench.client("dynamodb")
    tables.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("id", "owner")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "Owners",
                "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return name


def caller(bench: Workbench, condition: dict[str, Any]) -> Any:
    user = bench.user(statement(ACTIONS, Condition=condition))
    return bench.session(bench.key(user)).client("dynamodb")


def requests(table: str, item: str) -> dict[str, dict[str, Any]]:
    """A request of each kind that names the item."""
    key = {"TableName": table, "Key": {"id": {"S": item}}}
    update = {**key, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "b"}}}
    put = {"TableName": table, "Item": {"id": {"S": item}}}
    query = {
        "TableName": table,
        "KeyConditionExpression": "#id = :id",
        "ExpressionAttributeNames": {"#id": "id"},
        "ExpressionAttributeValues": {":id": {"S": item}},
    }
    return {
        "put_item": put,
        "update_item": update,
        "get_item": key,
        "query": query,
        "query of an index": {
            **query,
            "IndexName": "Owners",
            "ExpressionAttributeNames": {"#id": "owner"},
        },
        "transact_write_items": {"TransactItems": [{"Put": put}]},
        "delete_item": key,
    }


@pytest.mark.parametrize("condition", [MINE, NOT_THEIRS], ids=["only mine", "all but theirs"])
@pytest.mark.parametrize("kind", requests("", ""))
def test_an_item_is_allowed_by_its_partition_key_alone(
    bench: Workbench, table: str, kind: str, condition: dict[str, Any]
) -> None:
    call = getattr(caller(bench, condition), kind.partition(" ")[0])
    call(**requests(table, "mine:1")[kind])
    with pytest.raises(ClientError, match="AccessDenied"):
        call(**requests(table, "theirs:1")[kind])


def test_each_item_of_a_transaction_is_asked_about_by_itself(bench: Workbench, table: str) -> None:
    client = caller(bench, MINE)
    puts = [{"Put": requests(table, item)["put_item"]} for item in ("mine:1", "mine:2", "theirs:1")]
    client.transact_write_items(TransactItems=puts[:2])
    for order in (puts, puts[::-1]):
        with pytest.raises(ClientError, match="AccessDenied"):
            client.transact_write_items(TransactItems=order)
