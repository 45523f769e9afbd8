"""All that the ledger has about one owner: the user's entry, and those of its keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.user_entry import UserEntry


@dataclass(frozen=True, kw_only=True)
class OwnerRecord:
    user: UserEntry | None = None
    keys: tuple[KeyEntry, ...] = ()

    def key(self, access_key_id: str) -> KeyEntry | None:
        """The key's entry. Marked as deleted if its user was deleted: IAM deletes a user only when it has no
        keys left (IAM API reference, DeleteUser, DeleteConflict).
        """
        entry = self._find(access_key_id)
        user_deletion = self.user_deletion(access_key_id)
        if entry is None or entry.deletion or user_deletion is None:
            return entry
        return replace(entry, deletion=Occurrence(after=entry.last_known_at, until=user_deletion.until))

    def user_deletion(self, access_key_id: str) -> Occurrence | None:
        """The deletion of the key's own user, not of an earlier or later user of the same name."""
        entry = self._find(access_key_id)
        return self.user.first_deletion_since(entry.last_known_owned_at) if entry and self.user else None

    def _find(self, access_key_id: str) -> KeyEntry | None:
        return next((key for key in self.keys if key.access_key_id == access_key_id), None)
