"""How far the hourly function has come in its round of the managed secrets: one item of the lease table.

It is written before each secret is looked after: one on which a run dies is not the first of the next run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = {"name": "retirement"}
_DOING = "dynamodb:round"


class DynamoRetirementCursor:
    def __init__(self, client: Callable[[], DynamoDBClient], lease_table: str) -> None:
        self._table = ItemTable(client, lease_table)

    def resume_order(self, names: Sequence[str]) -> list[str]:
        """All of them, beginning after the one that was last begun."""
        with aws_errors(_DOING):
            last = self._table.get(_KEY, consistent=True).get("secretName", "")
        return sorted(names, key=lambda name: (name <= last, name))

    def start(self, name: str) -> None:
        with aws_errors(_DOING):
            self._table.replace({**_KEY, "secretName": name})
