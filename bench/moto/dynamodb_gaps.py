"""Makes moto's DynamoDB answer a scan of thousands of items within the client's timeout."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import TYPE_CHECKING

from moto.dynamodb.responses import DynamoHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.dynamodb.models.dynamo_type import Item

_PAGE_BYTES = 1024 * 1024  # DynamoDB API reference, Scan


def fill_the_gaps() -> None:
    DynamoHandler.scan = _scan  # type: ignore[method-assign,assignment]


def _scan(self: DynamoHandler) -> tuple[int, dict[str, str], str]:
    """A page of whole items. moto 5.2.5 takes milliseconds to serialise each of them."""
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    after = self.body.get("ExclusiveStartKey")
    left = [item for item in table.all_items() if after is None or _key(item) > _only_text(after)]
    page = list(takewhile(_fits_in(_PAGE_BYTES), left))
    answer = {"Items": [item.to_json()["Attributes"] for item in page], "Count": len(page)}
    more = {"LastEvaluatedKey": {table.hash_key_attr: {"S": _key(page[-1])}}} if len(page) < len(left) else {}
    return 200, {}, json.dumps(answer | more)


def _key(item: Item) -> str:
    return str(item.hash_key.value)


def _only_text(key: dict[str, dict[str, str]]) -> str:
    [attribute] = key.values()
    return attribute["S"]


def _fits_in(size: int) -> Callable[[Item], bool]:
    left = size

    def fits(item: Item) -> bool:
        nonlocal left
        left -= item.size()
        return left >= 0

    return fits
