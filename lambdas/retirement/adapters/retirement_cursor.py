"""The last managed secret that the hourly retirement run started, so that the next run resumes after it: one
item of the lease table.

It is saved before each secret is processed: a secret that crashes a run does not block the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable

CURSOR_ITEM = "retirement"  # the permissions name it
_KEY = {"name": CURSOR_ITEM}
_OPERATION = "dynamodb:retirement-cursor"


class DynamoRetirementCursor:
    def __init__(self, clients: Clients, lease_table: str) -> None:
        self._table = ItemTable(clients, lease_table)

    def resume_order(self, names: Sequence[str]) -> list[str]:
        with aws_errors(_OPERATION):
            last = self._table.get(_KEY, consistent=True).get("secretName", "")
        return sorted(names, key=lambda name: (name <= last, name))

    def start(self, name: str) -> None:
        with aws_errors(_OPERATION):
            self._table.replace({**_KEY, "secretName": name})
