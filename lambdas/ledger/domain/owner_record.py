"""All that the ledger has of one owner: the user's entry, and those of its keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.ledger.domain.occurrence import Occurrence

if TYPE_CHECKING:
    from lambdas.ledger.domain.key_entry import KeyEntry
    from lambdas.ledger.domain.user_entry import UserEntry


@dataclass(frozen=True, kw_only=True)
class OwnerRecord:
    user: UserEntry | None = None
    keys: tuple[KeyEntry, ...] = ()

    def key(self, access_key_id: str) -> KeyEntry | None:
        """As it stands in the light of the user's entry: no key outlives its user, whose deletion IAM
        refuses while it has keys (IAM API reference, DeleteUser, DeleteConflict).
        """
        entry = next((key for key in self.keys if key.access_key_id == access_key_id), None)
        if entry is None or self.user is None or entry.deletion:
            return entry
        ended = self.user.deletion_since(entry.known_owned_at)
        if ended is None:
            return entry
        return replace(entry, deletion=Occurrence(after=entry.known_alive_at, until=ended.until))

    def user_deletion(self, access_key_id: str) -> Occurrence | None:
        """The deletion of the user whose key it was, not of an earlier or later one of that name."""
        entry = next((key for key in self.keys if key.access_key_id == access_key_id), None)
        return self.user.deletion_since(entry.known_owned_at) if entry and self.user else None
