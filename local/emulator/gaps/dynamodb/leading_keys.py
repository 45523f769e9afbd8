"""The condition key `dynamodb:LeadingKeys`.

AWS documents it as the values of the partition key in the request (of the index, for a query of one), and
that each item of a transaction is authorised by itself (DynamoDB developer guide, "Using IAM policy
conditions for fine-grained access control" and "Using IAM with DynamoDB transactions"). The emulator does not
know it, and a key that is not there satisfies `ForAllValues`, so that every item would be allowed.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb

LEADING_KEYS: Final = "dynamodb:LeadingKeys"
PARTS: Final = "local:parts-of-the-transaction"
EQUALITY: Final = re.compile(r"([#\w]+)\s*=\s*(:\w+)")

Request = dict[str, Any]


def fill() -> None:
    context_of, enforce = iam_actions.dynamodb_service_context, iam_evaluator.enforce

    def context_with_keys(body: bytes) -> dict[str, Any]:
        request: Request = json.loads(body or b"{}")
        parts = [part for item in request.get("TransactItems", ()) for part in item.values()]
        return {**context_of(body), **({PARTS: parts} if parts else leading_keys(request))}

    def enforce_on_item(access_key_id: str, action: str, service: str, *where: str, **more: Any) -> Any:
        """The parts of a transaction are checked in their order, with the same context but for what they
        name, so each call takes the next part.
        """
        context = {**(more.pop("service_context", None) or {})}
        if parts := context.pop(PARTS, []):
            context |= leading_keys(parts.pop(0))
        return enforce(access_key_id, action, service, *where, **more, service_context=context)

    iam_actions.dynamodb_service_context = context_with_keys
    iam_evaluator.enforce = enforce_on_item


def leading_keys(request: Request) -> dict[str, list[str]]:
    partition_key = _partition_key(request)
    named = {**request.get("Item", {}), **request.get("Key", {}), **_queried(request)}
    return {LEADING_KEYS: [*named[partition_key].values()]} if partition_key in named else {}


def _partition_key(request: Request) -> str:
    table = dynamodb._tables.get(request.get("TableName", "").rpartition("/")[2]) or {}
    indexes = table.get("GlobalSecondaryIndexes") or []
    of_index = (one for one in indexes if one["IndexName"] == request.get("IndexName"))
    schema = next(of_index, table).get("KeySchema", [])
    return next((part["AttributeName"] for part in schema if part["KeyType"] == "HASH"), "")


def _queried(request: Request) -> dict[str, Any]:
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    equal = EQUALITY.findall(request.get("KeyConditionExpression", ""))
    return {names.get(name, name): values[value] for name, value in equal if value in values}
