"""When the subscriptions were last checked: one item of the lease table, `name` `subscription-check`,
`checkedAt` and, while a worker checks, `claimedUntil` (epoch seconds).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable

CHECK_ITEM = "subscription-check"  # the permissions name it
_KEY = {"name": CHECK_ITEM}
_CLAIM_SECONDS = 45  # longer than the timer may run
_OPERATION = "dynamodb:subscription-check"


class DynamoCheckSchedule:
    def __init__(
        self, clients: Clients, lease_table: str, *, interval_seconds: int, clock: Callable[[], datetime]
    ) -> None:
        self._table = ItemTable(clients, lease_table)
        self._interval_seconds = interval_seconds
        self._clock = clock

    def claim(self) -> bool:
        """Whether a check is due and no other worker makes it. Without `complete`, it stays due."""
        with aws_errors(_OPERATION):
            checked_at = int(self._table.get(_KEY).get("checkedAt", 0))
            if self._now() < checked_at + self._interval_seconds:
                return False
            return self._table.claim(_KEY, {}, now=self._now(), seconds=_CLAIM_SECONDS) is not None

    def complete(self) -> None:
        with aws_errors(_OPERATION):
            self._table.replace(_KEY | {"checkedAt": self._now()})

    def _now(self) -> int:
        return int(self._clock().timestamp())
