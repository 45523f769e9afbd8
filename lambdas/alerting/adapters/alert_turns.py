"""The turns in which all functions together send alerts: one item of the lease table, `name` `alert-turns`,
`nextAt` (epoch milliseconds, when the next turn is free).

SNS suspends an e-mail subscription that gets more than 10 messages in a second. Alarms may go to the same
address, so alerts take half of that.
https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import BusyError

ALERTS_PER_SECOND = 5
_INTERVAL_MS = 1000 // ALERTS_PER_SECOND
# No worker waits this long, so a later turn was taken by a wrong clock, and does not count.
_IMPLAUSIBLE_MS = 60_000
TURNS_ITEM = "alert-turns"  # the permissions name it
_KEY = {"name": TURNS_ITEM}
_OPERATION = "dynamodb:alert-turns"


class DynamoAlertTurns:
    def __init__(
        self,
        clients: Clients,
        lease_table: str,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._table = ItemTable(clients, lease_table)
        self._clock = clock
        self._sleep = sleep

    def wait(self, at_most: timedelta) -> None:
        """Takes the next turn and sleeps until it comes. Raises BusyError, and takes none, if it would come
        later than that.
        """
        with aws_errors(_OPERATION):
            turn = self._take_now() or self._take_next(at_most)
        if turn is None:
            raise BusyError("other alerts are being sent")
        self._sleep(max(0, turn - self._now_ms()) / 1000)

    def _take_now(self) -> int | None:
        now = self._now_ms()
        taken = self._table.update(
            _KEY,
            "SET nextAt = :next",
            condition="attribute_not_exists(nextAt) OR nextAt <= :now OR nextAt > :implausible",
            values={":next": now + _INTERVAL_MS, ":now": now, ":implausible": now + _IMPLAUSIBLE_MS},
        )
        return now if taken else None

    def _take_next(self, at_most: timedelta) -> int | None:
        latest = self._now_ms() + at_most // timedelta(milliseconds=1)
        taken = self._table.update(
            _KEY,
            "SET nextAt = nextAt + :interval",
            condition="nextAt <= :latest",
            values={":interval": _INTERVAL_MS, ":latest": latest},
        )
        return int(taken["nextAt"]) - _INTERVAL_MS if taken else None

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)
