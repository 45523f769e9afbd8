"""The tokens of the rotations that were started in this hour: one item of the lease table for each hour.

A rotation that is started again, for a message that was delivered twice, counts once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import PermanentError
from lambdas.rotation.domain.rotation_context import BUDGET_SPENT

_OPERATION = "dynamodb:budget"
BUDGET_PREFIX = "rotations:"  # of the items' names; the permissions name it
_TTL_SECONDS = 2 * 60 * 60


class DynamoRotationBudget:
    def __init__(
        self,
        clients: Clients,
        lease_table: str,
        *,
        hourly: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._table = ItemTable(clients, lease_table)
        self._hourly = hourly
        self._clock = clock

    def is_spent(self) -> bool:
        with aws_errors(_OPERATION):
            tokens = self._table.get(self._key(), consistent=True).get("startedTokens", ())
        return len(tokens) >= self._hourly

    def spend(self, token: str) -> None:
        expires = int(self._clock().timestamp()) + _TTL_SECONDS
        with aws_errors(_OPERATION):
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
            raise PermanentError(BUDGET_SPENT)

    def _key(self) -> dict[str, str]:
        return {"name": f"{BUDGET_PREFIX}{self._clock():%Y-%m-%dT%H}"}
