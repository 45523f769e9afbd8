"""Counts the requests that leave the process, retries included."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.session import Session

_DYNAMODB = "dynamodb."
_READS = frozenset(
    _DYNAMODB + name for name in ("GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems")
)
_LOOK_UP_EVENTS = "cloudtrail.LookupEvents"


@dataclass(frozen=True)
class Requests:
    """In the order in which they were sent, such as `iam.GetUser`."""

    names: tuple[str, ...]

    @property
    def reads(self) -> int:
        return sum(name in _READS for name in self.names)

    @property
    def writes(self) -> int:
        """A transaction is one request, whatever the number of its items."""
        return sum(name.startswith(_DYNAMODB) for name in self.names) - self.reads

    @property
    def look_ups(self) -> int:
        return self.names.count(_LOOK_UP_EVENTS)

    @property
    def calls(self) -> int:
        """Of every other service, those that publish included."""
        return len(self.names) - self.reads - self.writes - self.look_ups


class Recorder:
    def __init__(self) -> None:
        self._names: list[str] = []

    def attach(self, session: Session) -> None:
        session.register("before-send", self._note)

    def record(self, work: Callable[[], object]) -> tuple[Requests, float]:
        """What the work sent, and the seconds that it took."""
        self._names.clear()
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        return Requests(tuple(self._names)), seconds

    def _note(self, **sent: Any) -> None:  # noqa: ANN401 -- botocore's
        self._names.append(sent["event_name"].removeprefix("before-send."))
