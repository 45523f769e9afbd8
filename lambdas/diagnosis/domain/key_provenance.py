"""What the ledger, or else CloudTrail's history, knows of a key: who owned it, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from lambdas.aws.domain.iam import KeyChange, LastUse, ListedKey
from lambdas.aws.domain.iam_events import DELETE_KEY, UPDATE_KEY
from lambdas.diagnosis.domain.evidence import NearMiss
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.owner import Owner
from lambdas.ledger.domain.owner_record import OwnerRecord


@dataclass(frozen=True, kw_only=True)
class KeyProvenance:
    key_id: str
    owner: str = ""  # the user's name; empty if unknown
    record: OwnerRecord = field(default_factory=OwnerRecord)  # the ledger's, of that owner
    history: tuple[KeyChange, ...] = ()
    near_miss: NearMiss | None = None

    @classmethod
    def from_history(cls, key_id: str, history: tuple[KeyChange, ...]) -> KeyProvenance:
        owner = next((change.user_name for change in history if change.user_name), "")
        return cls(key_id=key_id, owner=owner, history=history)

    @classmethod
    def from_ledger(cls, key_id: str, owner: str, record: OwnerRecord) -> KeyProvenance:
        entry = record.current_key
        return cls(key_id=key_id, owner=owner, record=record, history=entry.history if entry else ())

    def with_history(self, history: tuple[KeyChange, ...]) -> KeyProvenance:
        return replace(self, history=history or self.history)

    @property
    def deletion_is_recorded(self) -> bool:
        return self._has(DELETE_KEY)

    @property
    def status_change_is_recorded(self) -> bool:
        return self._has(UPDATE_KEY)

    @property
    def deletion(self) -> Occurrence | None:
        entry = self.record.current_key
        return entry.deletion if entry else None

    @property
    def exposed_at(self) -> datetime | None:
        entry = self.record.current_key
        return entry.exposed_at if entry else None

    @property
    def last_use(self) -> LastUse | None:
        entry = self.record.current_key
        return entry.last_use if entry else None

    @property
    def tags(self) -> Mapping[str, str]:
        return self.record.user.current_tags if self.record.user else {}

    @property
    def description(self) -> str:
        """The IAM console stores a key's description as a tag named like the key (aws-facts 4.6)."""
        return self.tags.get(self.key_id, "")

    @property
    def last_owner(self) -> Owner:
        """The last user of the owner's name, who no longer exists, as the ledger has it."""
        user = self.record.user
        user_id = user.user_id.value if user and user.user_id else ""
        return Owner(name=self.owner, user_id=user_id, exists=False, tags=self.tags)

    def deleted_owner(self, *, name_is_taken: bool) -> Owner:
        """If another user has the name now, the ledger's tags and path are that user's, and are left out."""
        path = self.record.user.path if self.record.user and not name_is_taken else None
        return Owner(
            name=self.owner,
            path=path.value if path else "",
            exists=False,
            deletion=self.record.user_deletion,
            tags={} if name_is_taken else self.tags,
            name_is_taken=name_is_taken,
        )

    def belongs_to_namesake(self, current: Owner, listed: ListedKey | None) -> bool:
        """Whether the key belonged to an earlier user of the same name: `current`, who has the name now, was
        created after the key's last change, or the ledger has the deletion of the key's owner.
        """
        if listed is not None:
            return False
        created_at = current.created_at
        is_newer = created_at is not None and all(change.at < created_at for change in self.history)
        return self.record.user_deletion is not None or (bool(self.history) and is_newer)

    def _has(self, event_name: str) -> bool:
        return any(change.event_name == event_name for change in self.history)
