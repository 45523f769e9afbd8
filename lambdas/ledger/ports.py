"""What the ledger needs of the world: its table, its sync's progress, and the queues that it writes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from lambdas.ledger.domain.key_entry import KeyEntry
    from lambdas.ledger.domain.key_state_change import KeyStateChange
    from lambdas.ledger.domain.owner_record import OwnerRecord
    from lambdas.ledger.domain.sync_run import SyncRun
    from lambdas.ledger.domain.user_entry import UserEntry


class Ledger(Protocol):
    """Every method raises TransientError when the ledger does not answer."""

    def key(self, access_key_id: str) -> KeyEntry | None: ...

    def user(self, name: str) -> UserEntry | None: ...

    def of_owner(self, name: str) -> OwnerRecord:
        """What was written within the last second may not be in it yet."""
        ...

    def sharing_tail(self, text: str) -> Mapping[str, str]:
        """The owner's name by the id of each key whose tail is the text's: that of the very key, too. An
        empty name where nothing has told one yet.
        """
        ...

    def sharing_middle(self, text: str) -> Mapping[str, str]: ...

    def merge_key(self, entry: KeyEntry) -> KeyEntry:
        """Joins it with what the ledger has of the key; answers what the ledger has now."""
        ...

    def merge_user(self, entry: UserEntry) -> UserEntry: ...

    def keys_unseen_since(self, moment: datetime) -> Iterator[KeyEntry]:
        """Of users' keys that are not known to be deleted, those that no listing has had since."""
        ...

    def keys_unasked_since(self, moment: datetime) -> Iterator[KeyEntry]:
        """Of the same keys, those of whose last use IAM was not asked since."""
        ...

    def users_unseen_since(self, moment: datetime) -> Iterator[UserEntry]: ...

    def names_by_user_id(self, moment: datetime) -> Mapping[str, str]:
        """Of the users that a listing has had since then."""
        ...


class SyncProgress(Protocol):
    def take_up(self, *, only_if_due: bool) -> SyncRun | None:
        """The unfinished sync, else a new one; None if another run is at it, or none is due and one was
        asked for only then.
        """
        ...

    def save(self, run: SyncRun) -> SyncRun: ...

    def give_up(self) -> None:
        """Another run may go on with what was saved."""
        ...

    def finish(self, run: SyncRun) -> None: ...


class SignalQueue(Protocol):
    def report_predicted_outage(self, switch_off: KeyStateChange) -> None:
        """A signal that a key in use was switched off; one of a deletion comes after the configured time."""
        ...

    def report_change(self, change: KeyStateChange) -> None:
        """The key was switched on again, or deleted, which matters to an incident of it alone."""
        ...


class OwnedState(Protocol):
    @property
    def user_name(self) -> str:
        """Empty where no user is bound to the secret."""
        ...


class KnownRotations(Protocol):
    def read(self, secret_name: str) -> OwnedState: ...

    def all_names(self) -> list[str]:
        """The secrets of which there is a state."""
        ...


class EnrolmentQueue(Protocol):
    def look_at(self, user_name: str, formerly: str = "") -> None:
        """Has the user's claim looked at soon, and the secret that it claimed formerly, if it was another."""
        ...
