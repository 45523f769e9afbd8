"""The progress of the ledger's sync, stored as one item. A claim ensures that one invocation works at a time.

While a sync is unfinished, the item has its `run`; afterwards, `finishedAt` and `lastStartedAt`. While an
invocation works, `claimedUntil` keeps others away. The times of the item are in epoch seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.codec import from_plain, to_plain
from lambdas.ledger.domain.sync_run import SyncRun

SYNC_ITEM = "sync"  # the permissions name it
_KEY = {"name": SYNC_ITEM}
_NAMES = {"#run": "run"}
_OPERATION = "dynamodb:sync"
_CLAIM_SECONDS = 330  # longer than the function may run
_STALE_AFTER = timedelta(hours=6)  # AWS does not document how long IAM's markers are valid


class DynamoSyncProgress:
    """A sync is due `interval_seconds` after the start of the last completed one."""

    def __init__(
        self,
        clients: Clients,
        lease_table: str,
        *,
        interval_seconds: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._table = ItemTable(clients, lease_table)
        self._interval_seconds = interval_seconds
        self._clock = clock

    def acquire(self, *, only_if_due: bool) -> SyncRun | None:
        with aws_errors(_OPERATION):
            item = self._table.get(_KEY, consistent=True)
            run = self._unfinished(item)
            if run is None and only_if_due and not self._is_due(item):
                return None
            run = run or SyncRun(started_at=datetime.fromtimestamp(self._now(), UTC))
            progress = {"run": to_plain(run)}
            claimed = self._table.claim(_KEY, progress, now=self._now(), seconds=_CLAIM_SECONDS)
            return run if claimed else None

    def save(self, run: SyncRun) -> SyncRun:
        with aws_errors(_OPERATION):
            self._table.update(
                _KEY,
                "SET #run.phase = :phase, #run.marker = :marker",
                condition="#run.startedAt = :started",
                values={
                    ":phase": run.phase.value,
                    ":marker": run.marker,
                    ":started": run.started_at.isoformat(),
                },
                names=_NAMES,
            )
        return run

    def complete(self, run: SyncRun) -> None:
        started = int(run.started_at.timestamp())
        with aws_errors(_OPERATION):
            self._table.replace(_KEY | {"finishedAt": self._now(), "lastStartedAt": started})

    def release(self) -> None:
        """Removes only the claim: the next invocation resumes from what was saved."""
        with aws_errors(_OPERATION):
            self._table.update(
                _KEY, "REMOVE claimedUntil", condition="attribute_exists(#run)", values={}, names=_NAMES
            )

    def _unfinished(self, item: dict[str, Any]) -> SyncRun | None:
        run = from_plain(SyncRun, item["run"]) if "run" in item else None
        if run is None or run.started_at < self._clock() - _STALE_AFTER:
            return None
        return replace(run, runs=run.runs + 1)

    def _is_due(self, item: dict[str, Any]) -> bool:
        return self._now() >= int(item.get("lastStartedAt", 0)) + self._interval_seconds

    def _now(self) -> int:
        return int(self._clock().timestamp())
