"""Counts the requests that leave the process, retries included."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.moto.tables import EXEMPTIONS, LEDGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.session import Session

_DYNAMODB = "dynamodb."
_LEDGER = "ledger."
_EXEMPTIONS = "exemptions."
_OF_TABLE = {LEDGER: _LEDGER, EXEMPTIONS: _EXEMPTIONS}
_QUERIES = frozenset({"Query", "Scan"})
_READS = _QUERIES | {"GetItem", "BatchGetItem", "TransactGetItems"}
_LOOK_UP_EVENTS = "cloudtrail.LookupEvents"


@dataclass(frozen=True)
class Requests:
    """The requests in the order in which they were sent, such as `iam.GetUser`.

    Requests to the ledger and exemption tables have the table as service, such as `ledger.GetItem`.
    `dynamodb.GetItem` is a request to another table.
    """

    names: tuple[str, ...]

    @property
    def reads(self) -> int:
        return self._count(_DYNAMODB, _READS)

    @property
    def writes(self) -> int:
        """Counts a transaction once, whatever its number of items."""
        return self._count(_DYNAMODB) - self.reads

    @property
    def ledger_reads(self) -> int:
        return self._count(_LEDGER, _READS)

    @property
    def ledger_queries(self) -> int:
        return self._count(_LEDGER, _QUERIES)

    @property
    def ledger_writes(self) -> int:
        return self._count(_LEDGER) - self.ledger_reads

    @property
    def exemption_reads(self) -> int:
        return self._count(_EXEMPTIONS)

    @property
    def course(self) -> Requests:
        """Without reads of exemptions, which a warm function caches for a time."""
        return Requests(tuple(name for name in self.names if not name.startswith(_EXEMPTIONS)))

    @property
    def look_ups(self) -> int:
        return self.names.count(_LOOK_UP_EVENTS)

    @property
    def calls(self) -> int:
        """Requests to all other services, including those that publish."""
        of_tables = sum(map(self._count, (_DYNAMODB, _LEDGER, _EXEMPTIONS)))
        return len(self.names) - of_tables - self.look_ups

    def _count(self, service: str, operations: frozenset[str] | None = None) -> int:
        sent = (name.removeprefix(service) for name in self.names if name.startswith(service))
        return sum(operations is None or operation in operations for operation in sent)


class Recorder:
    def __init__(self) -> None:
        self._names: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Since the recording began."""
        return tuple(self._names)

    def attach(self, session: Session) -> None:
        session.register("before-send", self._note)

    def record(self, work: Callable[[], object]) -> tuple[Requests, float]:
        """The requests that the work sent, and its duration in seconds."""
        self._names.clear()
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        return Requests(self.names), seconds

    def _note(self, **sent: Any) -> None:  # noqa: ANN401 -- botocore's
        name = sent["event_name"].removeprefix("before-send.")
        if name.startswith(_DYNAMODB):
            body = json.loads(sent["request"].body)
            table = body.get("TableName") or next(iter(body.get("RequestItems", ())), "")
            name = _OF_TABLE.get(table, _DYNAMODB) + name.removeprefix(_DYNAMODB)
        self._names.append(name)
