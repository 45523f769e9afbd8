"""What the ledger has about one key and its owner. A name may have had any number of keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.user_entry import UserEntry


@dataclass(frozen=True, kw_only=True)
class OwnerRecord:
    user: UserEntry | None = None
    key: KeyEntry | None = None

    @property
    def current_key(self) -> KeyEntry | None:
        """The key's entry. Marked as deleted if its user was deleted: IAM deletes a user only when it has no
        keys left (IAM API reference, DeleteUser, DeleteConflict).
        """
        entry, user_deletion = self.key, self.user_deletion
        if entry is None or entry.deletion or user_deletion is None:
            return entry
        return replace(entry, deletion=Occurrence(after=entry.last_known_at, until=user_deletion.until))

    @property
    def user_deletion(self) -> Occurrence | None:
        """The deletion of the key's own user, not of an earlier or later user of the same name."""
        entry = self.key
        return self.user.first_deletion_since(entry.last_known_owned_at) if entry and self.user else None
