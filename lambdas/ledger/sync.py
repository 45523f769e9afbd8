"""Synchronise: reads all users and keys from IAM into the ledger, which mends what lost records left out.

IAM answers some ten requests a second, and a large account has thousands of users: so several users are
read at a time, and a run that is cut off at its time limit goes on where it was. A key is declared gone
only when a complete listing of its owner's keys lacks it, or IAM says that there is no such user and its
look-up names no other whose keys have it.
"""

from __future__ import annotations

from concurrent.futures import wait
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import Resolved
from lambdas.ledger.domain.enrolment_tags import claim_of
from lambdas.ledger.domain.iam_listing import CONSISTENT_AFTER, gone_key, gone_user, listed_key, listed_user
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.sync_run import Phase
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.ledger.last_use import last_use_of
from lambdas.ledger.renames import follow_renaming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Executor
    from datetime import datetime

    from lambdas.aws.domain.iam import IamUser, ListedKey
    from lambdas.aws.ports import Inventory, Keys
    from lambdas.ledger.domain.sync_run import SyncRun
    from lambdas.ledger.ports import EnrolmentQueue, KnownRotations, Ledger, SyncProgress

# The slowest page, with its retries: what is begun must end before the function is cut off.
SECONDS_FOR_A_STEP = 45
_AT_A_TIME = 100


class OutOfTimeError(Exception):
    """The run is saved, and goes on at the next invocation."""


@dataclass(frozen=True, kw_only=True)
class LedgerSync:
    """`workers` read several users at a time."""

    iam: Keys
    inventory: Inventory
    ledger: Ledger
    progress: SyncProgress
    enrolments: EnrolmentQueue
    rotations: KnownRotations
    workers: Executor
    clock: Callable[[], datetime]

    def synchronise(self, seconds_left: Callable[[], float], *, only_if_due: bool) -> bool:
        """Whether a sync came to its end; False also when none was due, or another run is at it.
        `seconds_left` tells how long the function may still run. What raises leaves the run unfinished.
        """
        run = self.progress.take_up(only_if_due=only_if_due)
        if run is None:
            return False
        try:
            run = self._list_users(run, seconds_left)
            run = self._ask_last_uses(run, seconds_left)
            self._find_gone(run, seconds_left)
            self._look_at_enrolled(seconds_left)
        except OutOfTimeError:
            self.progress.give_up()
            return False
        except Exception:
            self.progress.give_up()  # else the next runs would be kept away until the claim lapses
            raise
        self.progress.finish(run)
        return True

    def _list_users(self, run: SyncRun, seconds_left: Callable[[], float]) -> SyncRun:
        while run.phase is Phase.USERS:
            _leave_in_time(seconds_left)
            users, marker = self.inventory.users(run.marker)
            self._each(self._note_user, users)
            phase = Phase.USERS if marker else Phase.USES
            run = self.progress.save(replace(run, phase=phase, marker=marker))
        return run

    def _note_user(self, user: IamUser) -> None:
        at = self.clock()
        self.ledger.merge_user(listed_user(user, at))
        for key in self.iam.list_keys(user.name) or ():
            self.ledger.merge_key(listed_key(key, user.name, user.user_id, at))
        if claim_of(user.name, user.user_id, user.tags):
            self.enrolments.look_at(user.name)

    def _look_at_enrolled(self, seconds_left: Callable[[], float]) -> None:
        """Those who were enrolled once, because they may have given up their tags, or be gone."""
        for secret_name in self.rotations.all_names():
            _leave_in_time(seconds_left)
            if user_name := self.rotations.read(secret_name).user_name:
                self.enrolments.look_at(user_name, secret_name)

    def _find_gone(self, run: SyncRun, seconds_left: Callable[[], float]) -> None:
        """Last, because a missing permission to look keys up would have failed the phase before."""
        bearers = self.ledger.names_by_user_id(run.started_at)
        for user in self.ledger.users_unseen_since(run.started_at):
            _leave_in_time(seconds_left)
            if not _is_new(user.known_there_at, self.clock()) and self.iam.list_keys(user.name) is None:
                self._note_absence(user, bearers)
        unseen = sorted(self.ledger.keys_unseen_since(run.started_at), key=lambda key: key.owner)
        for owner, keys in groupby(unseen, key=lambda key: key.owner):
            _leave_in_time(seconds_left)
            self._note_gone(owner, keys)

    def _note_absence(self, user: UserEntry, bearers: Mapping[str, str]) -> None:
        """A user whose id another name has by now was renamed, and no record told of it."""
        at = self.clock()
        new_name = bearers.get(user.user_id.value, "") if user.user_id else ""
        if not new_name:
            self.ledger.merge_user(gone_user(user, at))
            return
        renaming = Observed(value=new_name, at=at)
        self.ledger.merge_user(UserEntry(name=user.name, renamings=(renaming,)))
        follow_renaming(self.ledger, user.name, renaming)

    def _note_gone(self, owner: str, keys: Iterable[KeyEntry]) -> None:
        at = self.clock()
        listing = self.iam.list_keys(owner)
        for key in keys:
            if _is_new(key.known_alive_at, at):
                continue
            found = _in_listing(key, owner, listing, at) if listing is not None else self._moved(key, at)
            self.ledger.merge_key(found or gone_key(key, at))

    def _moved(self, key: KeyEntry, at: datetime) -> KeyEntry | None:
        """There is no user of its owner's name: it may have been renamed while the users were listed."""
        answer = self.iam.look_up(key.access_key_id)
        if not isinstance(answer, Resolved):
            return None
        return _in_listing(key, answer.user_name, self.iam.list_keys(answer.user_name) or (), at)

    def _ask_last_uses(self, run: SyncRun, seconds_left: Callable[[], float]) -> SyncRun:
        if run.phase is not Phase.USES:
            return run
        unasked = self.ledger.keys_unasked_since(run.started_at)
        while batch := [key for _, key in zip(range(_AT_A_TIME), unasked, strict=False)]:
            _leave_in_time(seconds_left)
            self._each(self._note_last_use, batch)
        return self.progress.save(replace(run, phase=Phase.GONE))

    def _note_last_use(self, key: KeyEntry) -> None:
        use = last_use_of(self.iam, key)
        asked = KeyEntry(access_key_id=key.access_key_id, last_use=use, use_asked_at=self.clock())
        self.ledger.merge_key(asked)

    def _each(self, work: Callable[..., None], items: Iterable[object]) -> None:
        """Raises the first error, after all have ended."""
        tasks = [self.workers.submit(work, item) for item in items]
        wait(tasks)
        for task in tasks:
            task.result()


def _is_new(known_there_at: datetime | None, at: datetime) -> bool:
    """So new that IAM may not tell of it everywhere; the next sync will."""
    return known_there_at is not None and at - known_there_at < CONSISTENT_AFTER


def _in_listing(key: KeyEntry, owner: str, listing: Iterable[ListedKey], at: datetime) -> KeyEntry | None:
    found = (it for it in listing if it.access_key_id == key.access_key_id)
    return next((listed_key(it, owner, key.owner_id, at) for it in found), None)


def _leave_in_time(seconds_left: Callable[[], float]) -> None:
    if seconds_left() < SECONDS_FOR_A_STEP:
        raise OutOfTimeError
