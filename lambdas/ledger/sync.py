"""Synchronises the ledger with IAM: reads all users and keys, which repairs the effect of lost records.

IAM answers some ten requests per second, and a large account has thousands of users. So several users are
read at a time, and an invocation that runs out of time saves its position for the next. A key counts as
deleted only if a complete listing of its owner's keys lacks it, or if IAM has no such user and resolves the
key to no other user who has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice

from lambdas.aws.domain.iam import IamUser, ListedKey, Resolved, find_key
from lambdas.aws.ports import Inventory, Keys
from lambdas.ledger.domain.enrolment_tags import name_enrolment
from lambdas.ledger.domain.iam_listing import (
    CONSISTENT_AFTER,
    listed_key,
    listed_user,
    missing_key,
    missing_user,
)
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.sync_run import Phase, SyncRun
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.ledger.last_use import update_last_use
from lambdas.ledger.ports import EnrolmentQueue, Ledger, SyncProgress
from lambdas.ledger.renames import move_keys

SECONDS_FOR_A_STEP = 45  # for the slowest page with its retries, which must end before the function times out
_BATCH_SIZE = 100


class OutOfTimeError(Exception):
    """The run is saved, and the next invocation resumes it."""


@dataclass(kw_only=True, eq=False, repr=False)
class LedgerSync:
    iam: Keys
    inventory: Inventory
    ledger: Ledger
    progress: SyncProgress
    enrolments: EnrolmentQueue
    users_by_secret: Callable[[], Mapping[str, str]]  # of the managed secrets; empty if no user is bound
    workers: Executor  # reads several users at a time
    clock: Callable[[], datetime]

    def synchronise(self, seconds_left: Callable[[], float], *, only_if_due: bool) -> bool:
        """Whether a sync was completed. `seconds_left` is the time until the function times out. After an
        error the run stays unfinished.
        """
        run = self.progress.acquire(only_if_due=only_if_due)
        if run is None:
            return False
        try:
            run = self._list_users(run, seconds_left)
            run = self._read_last_uses(run, seconds_left)
            self._find_missing(run, seconds_left)
            self._request_enrolments(seconds_left)
        except OutOfTimeError:
            self.progress.release()
            return False
        except Exception:
            self.progress.release()  # otherwise the claim would block the next runs until it expires
            raise
        self.progress.complete(run)
        return True

    def _list_users(self, run: SyncRun, seconds_left: Callable[[], float]) -> SyncRun:
        while run.phase is Phase.USERS:
            _check_time(seconds_left)
            users, marker = self.inventory.users(run.marker)
            self._run_all(self._merge_user, users)
            phase = Phase.USERS if marker else Phase.USES
            run = self.progress.save(replace(run, phase=phase, marker=marker))
        return run

    def _merge_user(self, user: IamUser) -> None:
        at = self.clock()
        self.ledger.merge_user(listed_user(user, at))
        for key in self.iam.list_keys(user.name) or ():
            self.ledger.merge_key(listed_key(key, user.name, user.user_id, at))
        if name_enrolment(user.tags):
            self.enrolments.process_soon(user.name)

    def _read_last_uses(self, run: SyncRun, seconds_left: Callable[[], float]) -> SyncRun:
        if run.phase is not Phase.USES:
            return run
        unchecked = self.ledger.keys_not_checked_since(run.started_at)
        while batch := list(islice(unchecked, _BATCH_SIZE)):
            _check_time(seconds_left)
            self._run_all(lambda key: update_last_use(self.iam, self.ledger, key, self.clock()), batch)
        return self.progress.save(replace(run, phase=Phase.GONE))

    def _find_missing(self, run: SyncRun, seconds_left: Callable[[], float]) -> None:
        """Must follow the last uses: a missing permission to look keys up would have failed that phase."""
        names = self.ledger.listed_names_by_user_id(run.started_at)
        for user in self.ledger.users_not_listed_since(run.started_at):
            _check_time(seconds_left)
            if not _is_new(user.last_known_at, self.clock()) and self.iam.list_keys(user.name) is None:
                self._merge_missing_user(user, names)
        missing = sorted(self.ledger.keys_not_listed_since(run.started_at), key=lambda key: key.owner)
        for owner, keys in groupby(missing, key=lambda key: key.owner):
            _check_time(seconds_left)
            self._merge_missing_keys(owner, keys)

    def _merge_missing_user(self, user: UserEntry, names: Mapping[str, str]) -> None:
        """A user whose id was listed under another name was renamed, and the record was lost."""
        at = self.clock()
        new_name = names.get(user.user_id.value, "") if user.user_id else ""
        if not new_name:
            self.ledger.merge_user(missing_user(user, at))
            return
        renaming = Observed(value=new_name, at=at)
        self.ledger.merge_user(UserEntry(name=user.name, renamings=(renaming,)))
        move_keys(self.ledger, user.name, renaming)

    def _merge_missing_keys(self, owner: str, keys: Iterable[KeyEntry]) -> None:
        at = self.clock()
        listing = self.iam.list_keys(owner)
        for key in keys:
            if _is_new(key.last_known_at, at):
                continue
            if listing is None:
                found = self._find_under_other_name(key, at)
            else:
                found = _find_in_listing(key, owner, listing, at)
            self.ledger.merge_key(found or missing_key(key, at))

    def _find_under_other_name(self, key: KeyEntry, at: datetime) -> KeyEntry | None:
        """The owner does not exist: it may have been renamed while the users were listed."""
        answer = self.iam.look_up(key.access_key_id)
        if not isinstance(answer, Resolved):
            return None
        return _find_in_listing(key, answer.user_name, self.iam.list_keys(answer.user_name) or (), at)

    def _request_enrolments(self, seconds_left: Callable[[], float]) -> None:
        """For users who were enrolled before: they may have removed their tags, or been deleted."""
        for secret_name, user_name in self.users_by_secret().items():
            _check_time(seconds_left)
            if user_name:
                self.enrolments.process_soon(user_name, secret_name)

    def _run_all(self, work: Callable[..., object], items: Iterable[object]) -> None:
        """Raises the first error after all items have been processed."""
        tasks = [self.workers.submit(work, item) for item in items]
        wait(tasks)
        for task in tasks:
            task.result()


def _is_new(last_known_at: datetime | None, at: datetime) -> bool:
    """So new that not every IAM endpoint may know it. The next sync will find it if it is missing."""
    return last_known_at is not None and at - last_known_at < CONSISTENT_AFTER


def _find_in_listing(
    key: KeyEntry, owner: str, listing: Iterable[ListedKey], at: datetime
) -> KeyEntry | None:
    found = find_key(key.access_key_id, listing)
    return listed_key(found, owner, key.owner_id, at) if found else None


def _check_time(seconds_left: Callable[[], float]) -> None:
    if seconds_left() < SECONDS_FOR_A_STEP:
        raise OutOfTimeError
