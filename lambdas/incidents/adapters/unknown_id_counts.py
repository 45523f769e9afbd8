"""What ids that the ledger does not know have caused in the last hour: one item of the lease table, `name`
`unknown-ids`. It is read, changed, and written only if nobody else has written it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

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
_TTL_SECONDS = 2 * 24 * 60 * 60  # longer than the last incidents take to close, with the default quiet time
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_REMEMBERED_FOR = timedelta(seconds=5)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class _Read:
    known: UnknownIds = field(default_factory=UnknownIds)
    version: int = 0
    until: datetime = _LONG_AGO  # how long it is remembered


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
        self._remembered = _Read()

    def may_be_open(self, incident_keys: Collection[str]) -> frozenset[str]:
        now, read = self._clock(), self._remembered
        if not (read.known.at(now).is_full and now < read.until):
            read = self._read()
        return frozenset(key for key in incident_keys if read.known.may_be_open(key))

    def assign(self, new: NewId) -> str:
        """First as remembered: a write is refused if another worker has written since."""
        read = replace(self._remembered, known=self._remembered.known.at(self._clock()))
        return self._change(lambda known: known.with_id(new, self._account, self._clock()), read)

    def release(self, incident_key: str) -> None:
        self._change(lambda known: (None, known.without(incident_key)), self._read())

    def count_update(self, incident_key: str) -> bool:
        def count(known: UnknownIds) -> tuple[bool, UnknownIds]:
            counted = known.with_update(incident_key, self._account, self._clock())
            return counted is not None, counted or known

        return self._change(count, self._read())

    def _change(self, change: Callable[[UnknownIds], tuple[T, UnknownIds]], read: _Read) -> T:
        for _ in range(_MAX_ATTEMPTS):
            answer, changed = change(read.known)
            if changed == read.known:
                return answer
            if self._write(changed, read.version):
                self._remembered = replace(read, known=changed, version=read.version + 1)
                return answer
            read = self._read()
        raise BusyError("others are counting unknown ids")

    def _read(self) -> _Read:
        now = self._clock()
        with aws_errors(_OPERATION):
            item = self._table.get(_KEY, consistent=True)
        known = from_plain(UnknownIds, item).at(now)
        self._remembered = _Read(
            known=known, version=int(item.get("version", 0)), until=now + _REMEMBERED_FOR
        )
        return self._remembered

    def _write(self, changed: UnknownIds, version: int) -> bool:
        expires = int(self._clock().timestamp()) + _TTL_SECONDS
        with aws_errors(_OPERATION):
            return self._table.put_version(to_plain(changed) | _KEY | {"expiresAt": expires}, version)
