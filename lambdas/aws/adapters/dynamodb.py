"""A DynamoDB table of plain items, written under conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import error_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

_LOST_RACE = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict"})

_serializer = TypeSerializer()

_deserializer = TypeDeserializer()

T = TypeVar("T")


def to_attributes(plain: Mapping[str, object]) -> dict[str, Any]:
    return {name: _serializer.serialize(value) for name, value in plain.items()}


def to_plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _deserializer.deserialize(value) for name, value in attributes.items()}


class ItemTable:
    def __init__(self, client: Callable[[], DynamoDBClient], name: str) -> None:
        self._client = client
        self.name = name

    def get(self, key: Mapping[str, str], *, consistent: bool = False) -> dict[str, Any]:
        """Empty when there is no such item."""
        answer = self._client().get_item(
            TableName=self.name, Key=to_attributes(key), ConsistentRead=consistent
        )
        return to_plain(answer.get("Item", {}))

    def replace(self, item: Mapping[str, object]) -> None:
        self._client().put_item(TableName=self.name, Item=to_attributes(item))

    def put_if(self, item: Mapping[str, object], *, condition: str, values: Mapping[str, object]) -> bool:
        """False when the condition does not hold."""
        given: dict[str, Any] = {"ExpressionAttributeValues": to_attributes(values)} if values else {}
        answer = _unless_refused(
            lambda: self._client().put_item(
                TableName=self.name, Item=to_attributes(item), ConditionExpression=condition, **given
            )
        )
        return answer is not None

    def scan(self) -> Iterator[dict[str, Any]]:
        for page in self._client().get_paginator("scan").paginate(TableName=self.name):
            yield from map(to_plain, page["Items"])

    def all_with(self, attribute: str, value: str, *, index: str) -> Iterator[dict[str, Any]]:
        """Every item of the index with that value in its partition key."""
        pages = (
            self._client()
            .get_paginator("query")
            .paginate(
                TableName=self.name,
                IndexName=index,
                KeyConditionExpression="#attribute = :value",
                ExpressionAttributeNames={"#attribute": attribute},
                ExpressionAttributeValues=to_attributes({":value": value}),
            )
        )
        for page in pages:
            yield from map(to_plain, page["Items"])

    def newest(self, partition_key: str, value: str) -> dict[str, Any] | None:
        """The item that is last in its partition by the sort key, strongly consistent."""
        found = self._client().query(
            TableName=self.name,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": partition_key},
            ExpressionAttributeValues=to_attributes({":value": value}),
            ScanIndexForward=False,
            Limit=1,
            ConsistentRead=True,
        )["Items"]
        return to_plain(found[0]) if found else None

    def due(self, index: str, timer: str, now: int) -> Iterator[dict[str, Any]]:
        """Every item of the index whose timer has run out by `now`, epoch seconds, the first due first."""
        pages = (
            self._client()
            .get_paginator("query")
            .paginate(
                TableName=self.name,
                IndexName=index,
                KeyConditionExpression="timer = :timer AND dueAt <= :now",
                ExpressionAttributeValues=to_attributes({":timer": timer, ":now": now}),
            )
        )
        for page in pages:
            yield from map(to_plain, page["Items"])

    def update(
        self,
        key: Mapping[str, str],
        expression: str,
        *,
        condition: str,
        values: Mapping[str, object],
        names: Mapping[str, str] | None = None,
    ) -> dict[str, Any] | None:
        """The item after the update, or None when the condition does not hold."""
        given: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        if values:
            given["ExpressionAttributeValues"] = to_attributes(values)
        answer = _unless_refused(
            lambda: self._client().update_item(
                TableName=self.name,
                Key=to_attributes(key),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ReturnValues="ALL_NEW",
                **given,
            )
        )
        return to_plain(answer["Attributes"]) if answer else None

    def put(
        self,
        item: Mapping[str, object],
        *,
        condition: str = "",
        values: Mapping[str, object] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> TransactWriteItemTypeDef:
        """A put as a part of a transaction."""
        put: PutTypeDef = {"TableName": self.name, "Item": to_attributes(item)}
        if condition:
            put["ConditionExpression"] = condition
            put["ExpressionAttributeValues"] = to_attributes(values or {})
            put["ExpressionAttributeNames"] = names or {}
        return {"Put": put}

    def part_of_a_transaction(
        self,
        key: Mapping[str, str],
        expression: str,
        *,
        condition: str,
        values: Mapping[str, object],
        names: Mapping[str, str],
    ) -> TransactWriteItemTypeDef:
        """An update as a part of a transaction."""
        return {
            "Update": {
                "TableName": self.name,
                "Key": to_attributes(key),
                "UpdateExpression": expression,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": to_attributes(values),
                "ExpressionAttributeNames": names,
            }
        }


def _unless_refused(write: Callable[[], T]) -> T | None:
    """None when the write's condition does not hold."""
    try:
        return write()
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        return None


def is_lost_race(error: ClientError) -> bool:
    """True when a transaction was cancelled for nothing but a condition or a concurrent transaction
    (DynamoDB API reference, TransactWriteItems, CancellationReasons).
    """
    reasons = error.response.get("CancellationReasons", ())
    return bool(reasons) and {reason.get("Code") for reason in reasons} <= _LOST_RACE


def assignments(attributes: Mapping[str, object], path: str = "") -> str:
    """What follows `SET`; `path` is that of the map in which the attributes are, with its dot."""
    return ", ".join(f"{path}#{name} = :{name}" for name in attributes)


def values(attributes: Mapping[str, object]) -> dict[str, object]:
    return {f":{name}": value for name, value in attributes.items()}


def names(attributes: Mapping[str, object]) -> dict[str, str]:
    return {f"#{name}": name for name in attributes}
