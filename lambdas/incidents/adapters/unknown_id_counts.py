"""What ids that the ledger does not know have caused in the last hour: one item of the lease table, `name`
`unknown-ids`. It is read, changed, and written only if nobody else has written it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.codec import from_plain, to_plain
from lambdas.errors import BusyError
from lambdas.incidents.domain.unknown_ids import NewId, UnknownIds

UNKNOWN_IDS = "unknown-ids"
_KEY = {"name": UNKNOWN_IDS}
_OPERATION = "dynamodb:unknown-ids"
_MAX_ATTEMPTS = 5
_TTL_SECONDS = 2 * 60 * 60
_REMEMBERED_FOR = timedelta(seconds=5)

T = TypeVar("T")


class DynamoUnknownIds:
    """While warm it remembers for some seconds what it read last: in a flood of ids, nothing is read or
    written for most of them.
    """

    def __init__(
        self, clients: Clients, lease_table: str, *, account: str, clock: Callable[[], datetime]
    ) -> None:
        self._table = ItemTable(clients, lease_table)
        self._account = account
        self._clock = clock
        self._remembered = UnknownIds()
        self._remembered_until = datetime.min.replace(tzinfo=UTC)

    def assign(self, new: NewId) -> str:
        now = self._clock()
        if now < self._remembered_until:
            key, counted = self._remembered.with_id(new, self._account, now)
            if counted == self._remembered and key != new.incident_key:
                return key
        return self._change(lambda known: known.with_id(new, self._account, self._clock()))

    def release(self, incident_key: str) -> None:
        self._change(lambda known: (None, known.without(incident_key)))

    def count_update(self, incident_key: str) -> bool:
        def count(known: UnknownIds) -> tuple[bool, UnknownIds]:
            counted = known.with_update(incident_key, self._account, self._clock())
            return counted is not None, counted or known

        return self._change(count)

    def _change(self, change: Callable[[UnknownIds], tuple[T, UnknownIds]]) -> T:
        for _ in range(_MAX_ATTEMPTS):
            item = self._read()
            known = from_plain(UnknownIds, item).at(self._clock())
            answer, changed = change(known)
            if changed == known or self._write(changed, item.get("version", 0)):
                self._remembered = changed
                self._remembered_until = self._clock() + _REMEMBERED_FOR
                return answer
        raise BusyError("others are counting unknown ids")

    def _read(self) -> dict[str, Any]:
        with aws_errors(_OPERATION):
            return self._table.get(_KEY, consistent=True)

    def _write(self, changed: UnknownIds, version: int) -> bool:
        expires = int(self._clock().timestamp()) + _TTL_SECONDS
        unchanged = "version = :version" if version else "attribute_not_exists(version)"
        with aws_errors(_OPERATION):
            return self._table.put_if(
                to_plain(changed) | _KEY | {"version": version + 1, "expiresAt": expires},
                condition=unchanged,
                values={":version": version} if version else {},
            )
