"""What the ledger needs of the world: its table, the sync's progress, and the queues that it sends to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.ledger.domain.owner_record import OwnerRecord
from lambdas.ledger.domain.sync_run import SyncRun
from lambdas.ledger.domain.user_entry import UserEntry

MAX_RECENT_KEYS = 100  # a user has two at a time, but a name may have had any number


class ReadKeys(Protocol):
    def key(self, access_key_id: str) -> KeyEntry | None:
        """Raises TransientError if the ledger does not answer."""
        ...


class Ledger(ReadKeys, Protocol):
    """Every method raises TransientError if the ledger does not answer."""

    def known_keys(self, access_key_ids: Collection[str]) -> frozenset[str]:
        """Those that the ledger has. May lack what was written within the last second."""
        ...

    def user(self, name: str) -> UserEntry | None: ...

    def owner_record(self, name: str, access_key_id: str) -> OwnerRecord:
        """What the ledger has about the key, and about the user of that name, who may not own it."""
        ...

    def recent_keys(self, owner: str) -> tuple[KeyEntry, ...]:
        """The keys of the name that are not known to be deleted, then those deleted last, MAX_RECENT_KEYS at
        most. May lack what was written within the last second.
        """
        ...

    def keys_with_tail(self, text: str) -> Mapping[str, str]:
        """The owner's name (empty if unknown) by id, for each key whose id has the same tail as the text."""
        ...

    def keys_with_middle(self, text: str) -> Mapping[str, str]: ...

    def merge_key(self, entry: KeyEntry) -> KeyEntry:
        """Merges the entry with the ledger's entry of the key, and returns the result."""
        ...

    def merge_user(self, entry: UserEntry) -> UserEntry: ...

    def keys_not_listed_since(self, moment: datetime) -> Iterator[KeyEntry]:
        """Keys of IAM users, not known to be deleted, that no listing has contained since."""
        ...

    def keys_not_checked_since(self, moment: datetime) -> Iterator[KeyEntry]:
        """Keys of IAM users, not known to be deleted, whose last use was not read from IAM since."""
        ...

    def users_not_listed_since(self, moment: datetime) -> Iterator[UserEntry]:
        """Users, not known to be deleted or renamed, that no listing has contained since."""
        ...

    def listed_names_by_user_id(self, since: datetime) -> Mapping[str, str]:
        """The names of the users that a listing has contained since."""
        ...


class SyncProgress(Protocol):
    def acquire(self, *, only_if_due: bool) -> SyncRun | None:
        """The unfinished sync, or else a new one. None if another invocation is working on it, or
        `only_if_due` and none is due.
        """
        ...

    def save(self, run: SyncRun) -> SyncRun: ...

    def release(self) -> None:
        """Lets another invocation resume the sync from what was saved."""
        ...

    def complete(self, run: SyncRun) -> None: ...


class SignalQueue(Protocol):
    def report_predicted_outage(self, change: KeyStateChange) -> None:
        """A key in use was deactivated or deleted. A deletion is delivered after the configured time."""
        ...

    def report_leak(self, change: KeyStateChange) -> None:
        """AWS quarantined the key's user, or reported the key as exposed."""
        ...

    def report_change(self, change: KeyStateChange) -> None:
        """The key was reactivated, or deleted while not in use. Only an open incident needs to know."""
        ...


class EnrolmentQueue(Protocol):
    def process_soon(self, user_name: str, previous_secret: str = "", changed_by: str = "") -> None:
        """Requests that the user's claim is processed, and with it the secret that it claimed before.
        `changed_by` is the principal that changed the tags, if that is the reason.
        """
        ...
