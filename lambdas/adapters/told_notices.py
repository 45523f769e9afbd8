"""Which notices have been told, in the lease table: items `notice:` with the notice's id.

Whoever tells one takes it first, for as long as that may take; `told` is written once it is told. A message
may be delivered again, or taken from the dead-letter queue, for two weeks, so it is remembered for longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.adapters.client_errors import translated_errors
from lambdas.adapters.item_table import ItemTable
from lambdas.domain.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

TAKEN_SECONDS = 45  # longer than the function may run, shorter than the queue's visibility timeout
_REMEMBERED_SECONDS = 30 * 24 * 60 * 60
_DOING = "dynamodb:notices"


class ToldNotices:
    def __init__(
        self, client: Callable[[], DynamoDBClient], lease_table: str, *, clock: Callable[[], datetime]
    ) -> None:
        self._table = ItemTable(client, lease_table)
        self._clock = clock

    def was_told(self, notice_id: str) -> bool:
        with translated_errors(_DOING):
            return bool(self._table.get(_key(notice_id), consistent=True).get("told"))

    def take(self, notice_id: str) -> None:
        """Raises BusyError where another worker has taken it, or told it meanwhile."""
        with translated_errors(_DOING):
            taken = self._table.put_if(
                _key(notice_id) | {"told": False, "expiresAt": self._seconds() + TAKEN_SECONDS},
                condition="attribute_not_exists(expiresAt) OR (told = :no AND expiresAt < :now)",
                values={":no": False, ":now": self._seconds()},
            )
        if not taken:
            raise BusyError("another worker is telling this notice")

    def note_told(self, notice_id: str) -> None:
        with translated_errors(_DOING):
            self._table.replace(
                _key(notice_id) | {"told": True, "expiresAt": self._seconds() + _REMEMBERED_SECONDS}
            )

    def _seconds(self) -> int:
        return int(self._clock().timestamp())


def _key(notice_id: str) -> dict[str, str]:
    return {"name": f"notice:{notice_id}"}
