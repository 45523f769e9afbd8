"""The progress of the ledger's sync, stored as one item. A claim ensures that one invocation works at a time.

While a sync is unfinished, the item has its `startedAt`, `phase`, `marker` and `runs`. Afterwards it has
`finishedAt` and `lastStartedAt`. While an invocation works, `claimedUntil` keeps others away. All times are
in epoch seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.ledger.domain.sync_run import Phase, SyncRun

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = {"name": "sync"}
_OPERATION = "dynamodb:sync"
_CLAIM_SECONDS = 330  # longer than the function may run
_STALE_SECONDS = 6 * 60 * 60  # AWS does not document how long IAM's markers are valid


class DynamoSyncProgress:
    """A sync is due `interval_seconds` after the start of the last completed one."""

    def __init__(
        self,
        client: Callable[[], DynamoDBClient],
        lease_table: str,
        *,
        interval_seconds: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._table = ItemTable(client, lease_table)
        self._interval_seconds = interval_seconds
        self._clock = clock

    def acquire(self, *, only_if_due: bool) -> SyncRun | None:
        with aws_errors(_OPERATION):
            item = self._table.get(_KEY, consistent=True)
            run = self._unfinished(item)
            if run is None and only_if_due and not self._is_due(item):
                return None
            run = run or SyncRun(started_at=datetime.fromtimestamp(self._now(), UTC))
            return run if self._claim(run) else None

    def save(self, run: SyncRun) -> SyncRun:
        with aws_errors(_OPERATION):
            self._table.update(
                _KEY,
                "SET phase = :phase, marker = :marker",
                condition="startedAt = :started",
                values={
                    ":phase": run.phase.value,
                    ":marker": run.marker,
                    ":started": int(run.started_at.timestamp()),
                },
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
                _KEY,
                "REMOVE claimedUntil",
                condition="attribute_exists(startedAt)",
                values={},
            )

    def _unfinished(self, item: dict[str, Any]) -> SyncRun | None:
        started = int(item.get("startedAt", 0))
        if not started or started < self._now() - _STALE_SECONDS:
            return None
        return SyncRun(
            started_at=datetime.fromtimestamp(started, UTC),
            phase=Phase(item["phase"]),
            marker=item["marker"],
            runs=int(item["runs"]) + 1,
        )

    def _is_due(self, item: dict[str, Any]) -> bool:
        return self._now() >= int(item.get("lastStartedAt", 0)) + self._interval_seconds

    def _claim(self, run: SyncRun) -> bool:
        progress = {
            "startedAt": int(run.started_at.timestamp()),
            "phase": run.phase.value,
            "marker": run.marker,
            "runs": run.runs,
        }
        return self._table.claim(_KEY, progress, now=self._now(), seconds=_CLAIM_SECONDS) is not None

    def _now(self) -> int:
        return int(self._clock().timestamp())
