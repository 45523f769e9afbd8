"""Which rotations were started in this hour, by their tokens: one item of the lease table for each hour, so
that a rotation that is started again, for a message that came twice, costs nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import PermanentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

_DOING = "dynamodb:budget"
# Of the items' names, for the permissions.
BUDGET_PREFIX = "rotations:"
_KEPT_SECONDS = 2 * 60 * 60


class DynamoRotationBudget:
    def __init__(
        self,
        client: Callable[[], DynamoDBClient],
        lease_table: str,
        *,
        hourly: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._table = ItemTable(client, lease_table)
        self._hourly = hourly
        self._clock = clock

    def is_spent(self) -> bool:
        with aws_errors(_DOING):
            tokens = self._table.get(self._key(), consistent=True).get("startedTokens", ())
        return len(tokens) >= self._hourly

    def spend(self, token: str) -> None:
        expires = int(self._clock().timestamp()) + _KEPT_SECONDS
        with aws_errors(_DOING):
            spent = self._table.update(
                self._key(),
                "ADD startedTokens :tokens SET expiresAt = :expires",
                condition="attribute_not_exists(startedTokens)"
                " OR size(startedTokens) < :hourly OR contains(startedTokens, :token)",
                values={
                    ":tokens": {token},
                    ":token": token,
                    ":expires": expires,
                    ":hourly": self._hourly,
                },
            )
        if spent is None:
            raise PermanentError("the account's rotations of this hour are spent")

    def _key(self) -> dict[str, str]:
        return {"name": f"{BUDGET_PREFIX}{self._clock():%Y-%m-%dT%H}"}
