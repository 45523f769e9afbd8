"""Trackers and syncs of a ledger in memory."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.ledger.domain.sync_run import SyncRun
from lambdas.ledger.sync import LedgerSync
from lambdas.ledger.tracker import Tracker
from tests.support.fakes import FakeEnrolmentQueue, FakeLedger, FakeRotationService, FakeSignalQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from lambdas.aws.domain.iam import IamUser
    from lambdas.aws.domain.iam_events import IamEvent
    from tests.support.iam_account import IamAccount

WINDOW = timedelta(days=14)
_PAGE = 2


class Inline(Executor):
    """Runs what is submitted immediately, in the same thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 -- as an executor does
            future.set_exception(error)
        return future


@dataclass
class FakeInventory:
    account: IamAccount

    def users(self, marker: str) -> tuple[tuple[IamUser, ...], str]:
        names = sorted(self.account.there)
        begin = int(marker or 0)
        end = begin + _PAGE
        page = tuple(self.account.there[name] for name in names[begin:end])
        return page, str(end) if end < len(names) else ""


@dataclass
class FakeProgress:
    clock: Callable[[], datetime]
    unfinished: SyncRun | None = None
    finished: list[SyncRun] = field(default_factory=list)
    claimed: bool = False

    def acquire(self, *, only_if_due: bool) -> SyncRun | None:
        if self.claimed or (only_if_due and self.finished):
            return None
        self.claimed = True
        run = self.unfinished
        self.unfinished = replace(run, runs=run.runs + 1) if run else SyncRun(started_at=self.clock())
        return self.unfinished

    def save(self, run: SyncRun) -> SyncRun:
        self.unfinished = run
        return run

    def release(self) -> None:
        self.claimed = False

    def complete(self, run: SyncRun) -> None:
        self.finished.append(run)
        self.unfinished, self.claimed = None, False


def a_tracker(
    account: IamAccount,
    now: datetime,
    ledger: FakeLedger | None = None,
    signals: FakeSignalQueue | None = None,
    enrolments: FakeEnrolmentQueue | None = None,
    *,
    is_explained: bool = True,
) -> Tracker:
    """`is_explained`: a rotation accounts for what the own roles did."""
    return Tracker(
        ledger=ledger or FakeLedger(),
        iam=account,
        signals=signals or FakeSignalQueue(),
        enrolments=enrolments or FakeEnrolmentQueue(),
        window=WINDOW,
        clock=lambda: now,
        own_roles=("RotateKeyRole", "RetireKeysRole"),
        explains=lambda *_: is_explained,
    )


def tracked(account: IamAccount, events: Iterable[IamEvent], now: datetime) -> FakeLedger:
    ledger = FakeLedger()
    tracker = a_tracker(account, now, ledger)
    for event in events:
        tracker.track(event)
    return ledger


def a_sync(
    account: IamAccount,
    ledger: FakeLedger,
    now: datetime,
    progress: FakeProgress | None = None,
    enrolments: FakeEnrolmentQueue | None = None,
    rotations: FakeRotationService | None = None,
) -> LedgerSync:
    return LedgerSync(
        iam=account,
        inventory=FakeInventory(account),
        ledger=ledger,
        progress=progress or FakeProgress(lambda: now),
        enrolments=enrolments or FakeEnrolmentQueue(),
        users_by_secret=(rotations or FakeRotationService()).users_by_secret,
        workers=Inline(),
        clock=lambda: now,
    )
