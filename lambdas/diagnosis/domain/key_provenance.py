"""What the ledger, or else CloudTrail's history, knows of a key: whose it was, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam_events import DELETE_KEY, UPDATE_KEY
from lambdas.ledger.domain.key_history import changes_of
from lambdas.ledger.domain.owner import Owner
from lambdas.ledger.domain.owner_record import OwnerRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.aws.domain.iam import KeyChange, LastUse, ListedKey
    from lambdas.diagnosis.domain.evidence import NearMiss
    from lambdas.ledger.domain.occurrence import Occurrence


@dataclass(frozen=True, kw_only=True)
class KeyProvenance:
    """`owner` is empty where nothing names a user."""

    key_id: str
    owner: str = ""
    file: OwnerRecord = field(default_factory=OwnerRecord)
    history: tuple[KeyChange, ...] = ()
    near_miss: NearMiss | None = None

    @classmethod
    def by_history(cls, key_id: str, history: tuple[KeyChange, ...]) -> KeyProvenance:
        owner = next((change.user_name for change in history if change.user_name), "")
        return cls(key_id=key_id, owner=owner, history=history)

    @classmethod
    def by_ledger(cls, key_id: str, owner: str, file: OwnerRecord) -> KeyProvenance:
        entry = file.key(key_id)
        return cls(key_id=key_id, owner=owner, file=file, history=changes_of(entry) if entry else ())

    def with_history(self, history: tuple[KeyChange, ...]) -> KeyProvenance:
        return replace(self, history=history or self.history)

    def tells_end(self, *, of_deletion: bool) -> bool:
        """Whether it is on record who deleted the key, or deactivated it."""
        return self._has(DELETE_KEY) or (not of_deletion and self._has(UPDATE_KEY))

    @property
    def deletion_is_recorded(self) -> bool:
        return self._has(DELETE_KEY)

    @property
    def deletion(self) -> Occurrence | None:
        entry = self.file.key(self.key_id)
        return entry.deletion if entry else None

    @property
    def last_use(self) -> LastUse | None:
        entry = self.file.key(self.key_id)
        return entry.last_use if entry else None

    @property
    def tags(self) -> Mapping[str, str]:
        return self.file.user.present_tags if self.file.user else {}

    @property
    def description(self) -> str:
        return self.tags.get(self.key_id, "")

    @property
    def last_owner(self) -> Owner:
        """As the ledger remembers the one who bore the name last, who is gone."""
        user = self.file.user
        user_id = user.user_id.value if user and user.user_id else ""
        return Owner(name=self.owner, user_id=user_id, exists=False, tags=self.tags)

    def gone_owner(self, *, name_is_taken: bool) -> Owner:
        """The tags and the path are the namesake's where somebody else has the name now."""
        path = self.file.user.path if self.file.user and not name_is_taken else None
        return Owner(
            name=self.owner,
            path=path.value if path else "",
            exists=False,
            deletion=self.file.user_deletion(self.key_id),
            tags={} if name_is_taken else self.tags,
            name_is_taken=name_is_taken,
        )

    def is_of_a_namesake(self, owner: Owner, listed: ListedKey | None) -> bool:
        """A user that was made after the key's last change, or after the deletion of the user whose key it
        was, is somebody else of the same name.
        """
        if listed is not None:
            return False
        made_at = owner.created_at
        younger = made_at is not None and all(change.at < made_at for change in self.history)
        return self.file.user_deletion(self.key_id) is not None or (bool(self.history) and younger)

    def _has(self, event_name: str) -> bool:
        return any(change.event_name == event_name for change in self.history)
