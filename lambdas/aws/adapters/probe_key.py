"""The witness: a key that is known to exist, by which to see that IAM's look-ups work.

It is kept in the lease table, so that the search for one is made once, not by every new worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

_NAME = "witness"


class ProbeKey:
    """Whoever asks must see for themselves whether the key still resolves: it may be gone by now."""

    def __init__(self, client: Callable[[], DynamoDBClient], lease_table: str) -> None:
        self._table = ItemTable(client, lease_table)
        self._recalled = ""

    def recall(self) -> str:
        """Empty when there is none yet."""
        if not self._recalled:
            with aws_errors("dynamodb:witness"):
                self._recalled = self._table.get({"name": _NAME}).get("accessKeyId", "")
        return self._recalled

    def remember(self, access_key_id: str) -> None:
        """An empty id is not worth remembering: an account without keys may have one tomorrow."""
        self._recalled = access_key_id
        if access_key_id:
            with aws_errors("dynamodb:witness"):
                self._table.replace({"name": _NAME, "accessKeyId": access_key_id})
