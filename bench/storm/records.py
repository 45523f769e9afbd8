"""Reads the local AWS's journal of a storm: the function's calls and batches."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

READS = frozenset({"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"})
COUNTING, OPENING = "counting", "opening"
# Within the clause that adds.
_COUNTS = re.compile(r"\bADD\b(?:(?!\b(?:SET|REMOVE|DELETE)\b).)*\bcount\b")


@dataclass(frozen=True, kw_only=True)
class FunctionCall:
    """`error` is the code of a failed call, else empty."""

    service: str
    operation: str
    error: str
    request: Mapping[str, Any]

    @property
    def is_write(self) -> bool:
        return self.service == "dynamodb" and self.operation not in READS

    @property
    def is_read(self) -> bool:
        return self.service == "dynamodb" and self.operation in READS

    @property
    def key(self) -> str:
        """The key of the written incident; empty for other writes."""
        item: Mapping[str, Any] = self.request.get("Key", {})
        for part in self.request.get("TransactItems", ()):
            item = item or part.get("Put", {}).get("Item", {})
            item = item if "accessKeyId" in item else {}
        key: str = item.get("accessKeyId", {}).get("S", "")
        return key

    def kind(self) -> str:
        """The purpose of a write, recognised by what it writes."""
        if self.operation == "TransactWriteItems":
            return OPENING
        if not self.key:
            return "not of an incident"
        written = self._written()
        if _COUNTS.search(written):
            return COUNTING
        if "callers." in written:
            return "a new caller"
        if "claimedBy = " in written:
            return "claiming"
        return "settling" if "claimedBy" in written else "other"

    def _written(self) -> str:
        expression: str = self.request.get("UpdateExpression", "")
        for short, name in self.request.get("ExpressionAttributeNames", {}).items():
            expression = re.sub(rf"{re.escape(short)}\b", name, expression)
        return expression


@dataclass(frozen=True, kw_only=True)
class Records:
    """`batches` are the message ids of each batch; `processed` counts how often each was processed."""

    calls: tuple[FunctionCall, ...]
    batches: tuple[tuple[str, ...], ...]
    processed: Counter[str]
    last: float

    @property
    def deliveries(self) -> Counter[str]:
        return Counter(message for batch in self.batches for message in batch)

    def writes(self, *, done: bool = True) -> Counter[str]:
        """The number of successful or refused writes by kind."""
        return Counter(call.kind() for call in self.calls if call.is_write and bool(call.error) != done)

    def other_writes(self) -> Counter[str]:
        """The number of writes of each key beyond one for each batch."""
        writes = (call for call in self.calls if call.is_write and not call.error)
        return Counter(call.key for call in writes if call.key and call.kind() not in {COUNTING, OPENING})


def read_records(journal: Path, queue_url: str, role: str, *, since: float) -> Records:
    """Reads the batches of one queue and the calls of one role."""
    with journal.open() as lines:
        entries = [entry for line in lines if (entry := json.loads(line))["at"] >= since]
    of_queue = [entry for entry in entries if _same_queue(entry.get("queue", ""), queue_url)]
    processed = (message for entry in of_queue for message in entry.get("processed", ()))
    return Records(
        calls=tuple(_calls(entries, role)),
        batches=tuple(tuple(entry["delivered"]) for entry in of_queue if "delivered" in entry),
        processed=Counter(processed),
        last=max((entry["at"] for entry in of_queue), default=0.0),
    )


def _same_queue(url: str, other: str) -> bool:
    return url.rpartition("/")[2] == other.rpartition("/")[2]


def _calls(entries: Iterable[Mapping[str, Any]], role: str) -> Iterable[FunctionCall]:
    for entry in entries:
        if entry.get("role") == role:
            yield FunctionCall(
                service=entry["service"],
                operation=entry["operation"],
                error=entry["error"],
                request=entry["request"] or {},
            )
