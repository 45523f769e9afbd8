"""Sends a user to the enrolment queue again, a quarter of an hour later: one message of a user at a time.

The function that sends it may fail afterwards, and its own message is then delivered again, up to ten times.
If each delivery sent another delayed message, of which each could do the same, they would multiply without
end. So an item of the lease table says which one waits, and is written before the message is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import BusyError

DELAYED_PREFIX = "claim-later:"  # of the items' names; the permissions name it
# The longest delay of SQS (API reference, SendMessage, DelaySeconds).
DELAY_SECONDS = 900
_TTL_SECONDS = 24 * 60 * 60
_OPERATION = "dynamodb:delayed-claims"


class DelayedClaims:
    def __init__(
        self,
        clients: Clients,
        lease_table: str,
        *,
        send: Callable[[str, int], None],
        clock: Callable[[], datetime],
    ) -> None:
        """`send` gets the user's name and the delay in seconds."""
        self._table = ItemTable(clients, lease_table)
        self._send = send
        self._clock = clock

    def process_later(self, user_name: str) -> None:
        """Raises BusyError if a run died before it recorded that its message was sent: the caller's message
        is delivered again until the delay is over, and then sends another.
        """
        key = {"name": DELAYED_PREFIX + user_name}
        due_at = self._reserve(key)
        if due_at is None:
            self._check_sent(key)
            return
        self._send(user_name, DELAY_SECONDS)
        self._record_sent(key, due_at)

    def _reserve(self, key: dict[str, str]) -> int | None:
        """When the message is due; None if another one waits."""
        now = int(self._clock().timestamp())
        due_at = now + DELAY_SECONDS
        with aws_errors(_OPERATION):
            reserved = self._table.update(
                key,
                "SET dueAt = :due, expiresAt = :expires REMOVE sent",
                condition="attribute_not_exists(dueAt) OR dueAt <= :now",
                values={":due": due_at, ":expires": due_at + _TTL_SECONDS, ":now": now},
            )
        return due_at if reserved else None

    def _check_sent(self, key: dict[str, str]) -> None:
        with aws_errors(_OPERATION):
            item = self._table.get(key, consistent=True)
        if "sent" not in item:
            raise BusyError("a delayed message about the user may not have been sent")

    def _record_sent(self, key: dict[str, str], due_at: int) -> None:
        with aws_errors(_OPERATION):
            self._table.update(
                key, "SET sent = :sent", condition="dueAt = :due", values={":sent": True, ":due": due_at}
            )
