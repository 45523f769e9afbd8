"""A DynamoDB table of plain items, with conditional writes and claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import error_code
from lambdas.aws.adapters.clients import Clients
from lambdas.errors import BusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef, PutTypeDef, TransactWriteItemTypeDef

_LOST_RACE = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict"})

_MAX_BATCH = 100  # DynamoDB API reference, BatchGetItem
_BATCH_ATTEMPTS = 3
_WRITE_ATTEMPTS = 2

_UNCLAIMED = "(attribute_not_exists(claimedUntil) OR claimedUntil < :now)"

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()

T = TypeVar("T")


def to_attributes(plain: Mapping[str, object]) -> dict[str, Any]:
    return {name: _serializer.serialize(value) for name, value in plain.items()}


def from_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _deserializer.deserialize(value) for name, value in attributes.items()}


class ItemTable:
    def __init__(self, clients: Clients, name: str) -> None:
        self._clients = clients
        self.name = name

    def get(self, key: Mapping[str, str], *, consistent: bool = False) -> dict[str, Any]:
        """Empty if there is no such item."""
        answer = self._clients.dynamodb.get_item(
            TableName=self.name, Key=to_attributes(key), ConsistentRead=consistent
        )
        return from_attributes(answer.get("Item", {}))

    def get_several(
        self, keys: Sequence[Mapping[str, str]], *, consistent: bool = False, keys_only: bool = False
    ) -> list[dict[str, Any]]:
        """The items that exist, in any order. Raises BusyError if DynamoDB does not return all of them in a
        few requests.
        """
        found: list[dict[str, Any]] = []
        for first in range(0, len(keys), _MAX_BATCH):
            request: KeysAndAttributesTypeDef = {
                "Keys": list(map(to_attributes, keys[first : first + _MAX_BATCH]))
            }
            if consistent:
                request["ConsistentRead"] = True
            if keys_only:
                names = list(keys[first])
                request["ProjectionExpression"] = ", ".join(f"#{name}" for name in names)
                request["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
            found += self._batch_get(request)
        return found

    def _batch_get(self, request: KeysAndAttributesTypeDef) -> Iterator[dict[str, Any]]:
        """Repeats the request for the keys that DynamoDB did not process (DynamoDB API reference,
        BatchGetItem).
        """
        for _ in range(_BATCH_ATTEMPTS):
            answer = self._clients.dynamodb.batch_get_item(RequestItems={self.name: request})
            yield from map(from_attributes, answer["Responses"].get(self.name, ()))
            if self.name not in answer["UnprocessedKeys"]:
                return
            request["Keys"] = answer["UnprocessedKeys"][self.name]["Keys"]
        raise BusyError("DynamoDB returns only a part of what is asked for")

    def replace(self, item: Mapping[str, object]) -> None:
        self._clients.dynamodb.put_item(TableName=self.name, Item=to_attributes(item))

    def put_if(self, item: Mapping[str, object], *, condition: str, values: Mapping[str, object]) -> bool:
        """False if the condition does not hold."""
        given: dict[str, Any] = {"ExpressionAttributeValues": to_attributes(values)} if values else {}
        answer = _unless_condition_fails(
            lambda: self._clients.dynamodb.put_item(
                TableName=self.name, Item=to_attributes(item), ConditionExpression=condition, **given
            )
        )
        return answer is not None

    def put_version(self, item: Mapping[str, object], version: int) -> bool:
        """Writes the version after this one, 0 if there is no item. False if it was written since."""
        return self.put_if(
            {**item, "version": version + 1},
            condition="version = :version" if version else "attribute_not_exists(version)",
            values={":version": version} if version else {},
        )

    def scan(self) -> Iterator[dict[str, Any]]:
        for page in self._clients.dynamodb.get_paginator("scan").paginate(TableName=self.name):
            yield from map(from_attributes, page["Items"])

    def all_with(self, attribute: str, value: str, *, index: str) -> Iterator[dict[str, Any]]:
        """All items of the index with this value of its partition key."""
        return self._query(index, "#attribute = :value", {":value": value}, {"#attribute": attribute})

    def some_with(
        self, attribute: str, value: str, *, index: str, limit: int, last_first: bool = False
    ) -> list[dict[str, Any]]:
        """As all_with, but no more than `limit` items, those with the greatest sort keys if `last_first`."""
        found = self._clients.dynamodb.query(
            TableName=self.name,
            IndexName=index,
            KeyConditionExpression="#attribute = :value",
            ExpressionAttributeNames={"#attribute": attribute},
            ExpressionAttributeValues=to_attributes({":value": value}),
            ScanIndexForward=not last_first,
            Limit=limit,
        )["Items"]
        return list(map(from_attributes, found))

    def newest(self, partition_key: str, value: str) -> dict[str, Any] | None:
        """The item with the greatest sort key in the partition, by a strongly consistent read."""
        found = self._clients.dynamodb.query(
            TableName=self.name,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": partition_key},
            ExpressionAttributeValues=to_attributes({":value": value}),
            ScanIndexForward=False,
            Limit=1,
            ConsistentRead=True,
        )["Items"]
        return from_attributes(found[0]) if found else None

    def due(self, index: str, timer: str, now: int) -> Iterator[dict[str, Any]]:
        """All items of the index that are due at `now`, in epoch seconds, in the order of `dueAt`."""
        return self._query(
            index, "#timer = :timer AND dueAt <= :now", {":timer": timer, ":now": now}, {"#timer": "timer"}
        )

    def update(
        self,
        key: Mapping[str, str],
        expression: str,
        *,
        condition: str,
        values: Mapping[str, object],
        names: Mapping[str, str] | None = None,
    ) -> dict[str, Any] | None:
        """The item after the update; None if the condition does not hold."""
        given: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        if values:
            given["ExpressionAttributeValues"] = to_attributes(values)
        answer = _unless_condition_fails(
            lambda: self._clients.dynamodb.update_item(
                TableName=self.name,
                Key=to_attributes(key),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ReturnValues="ALL_NEW",
                **given,
            )
        )
        return from_attributes(answer["Attributes"]) if answer else None

    def claim(  # noqa: PLR0913 -- all by name
        self,
        key: Mapping[str, str],
        attributes: Mapping[str, object],
        *,
        now: int,
        seconds: int,
        condition: str = "",
        condition_values: Mapping[str, object] | None = None,
    ) -> dict[str, Any] | None:
        """Sets `claimedUntil` (epoch seconds) and the attributes, unless another worker's claim is valid.

        None if it is, or if the condition does not hold. The condition names attributes as `#name`.
        """
        claim = {**attributes, "claimedUntil": now + seconds}
        named = [*claim, *re.findall(r"#(\w+)", condition)]
        return self.update(
            key,
            f"SET {assignments(claim)}",
            condition=f"{condition} AND {_UNCLAIMED}" if condition else _UNCLAIMED,
            values=values(claim) | {":now": now} | dict(condition_values or {}),
            names=names(dict.fromkeys(named)),
        )

    def put(
        self,
        item: Mapping[str, object],
        *,
        condition: str = "",
        values: Mapping[str, object] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> TransactWriteItemTypeDef:
        """A put as part of a transaction."""
        put: PutTypeDef = {"TableName": self.name, "Item": to_attributes(item)}
        if condition:
            put["ConditionExpression"] = condition
            put["ExpressionAttributeValues"] = to_attributes(values or {})
            put["ExpressionAttributeNames"] = names or {}
        return {"Put": put}

    def transact_update(
        self,
        key: Mapping[str, str],
        expression: str,
        *,
        condition: str,
        values: Mapping[str, object],
        names: Mapping[str, str],
    ) -> TransactWriteItemTypeDef:
        """An update as part of a transaction."""
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

    def _query(
        self, index: str, condition: str, values: Mapping[str, object], names: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        pages = self._clients.dynamodb.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=to_attributes(values),
        )
        for page in pages:
            yield from map(from_attributes, page["Items"])


def _unless_condition_fails(write: Callable[[], T]) -> T | None:
    """None if the write's condition does not hold. Raises BusyError while transactions write the same item,
    which boto3 does not retry.
    """
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
    for _ in range(_WRITE_ATTEMPTS):
        try:
            return write()
        except ClientError as error:
            code = error_code(error)
            if code == "ConditionalCheckFailedException":
                return None
            if code != "TransactionConflictException":
                raise
    raise BusyError("a transaction is writing the same item")


def is_lost_race(error: ClientError) -> bool:
    """True if only conditions or concurrent transactions cancelled the transaction (DynamoDB API reference,
    TransactWriteItems, CancellationReasons).
    """
    reasons = error.response.get("CancellationReasons", ())
    return bool(reasons) and {reason.get("Code") for reason in reasons} <= _LOST_RACE


def assignments(attributes: Mapping[str, object], path: str = "") -> str:
    """The assignments of a SET. `path` is that of the map with the attributes, with a dot at its end."""
    return ", ".join(f"{path}#{name} = :{name}" for name in attributes)


def values(attributes: Mapping[str, object]) -> dict[str, object]:
    return {f":{name}": value for name, value in attributes.items()}


def names(attributes: Mapping[str, object]) -> dict[str, str]:
    return {f"#{name}": name for name in attributes}
