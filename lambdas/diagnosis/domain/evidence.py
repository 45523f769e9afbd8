"""Evidence: what IAM and CloudTrail's history say of a key at the moment of asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.iam import Issue, KeyChange, LastUse, ListedKey, Usage
    from lambdas.ledger.domain.occurrence import Occurrence
    from lambdas.ledger.domain.owner import Owner
    from lambdas.rotation.domain.rotation_context import RotationContext


@dataclass(frozen=True, kw_only=True)
class Successor:
    """A newer active key of the same owner that has been used since the refused one went dead."""

    access_key_id: str
    created_at: datetime
    used: LastUse


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """The one key of the ledger from which the refused id is one slip away; its id is masked."""

    masked_id: str
    owner_name: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was read. `owner` is None when nothing names one; `key` is None when no complete listing
    of the owner's keys has it; `asked` is False when there was nothing to ask for. `quarantine_policy`
    is the name of the owner's policy by which AWS marks a leaked key; `account_told` is the account
    that STS names for an id of the old form; `witness` says that a key that exists did resolve. `deletion`
    is the key's, as the ledger has it; `description` is the one that the owner gave it. `usage` is
    None where CloudTrail's history could not be asked, `enrolment` for an owner that did not opt in to
    rotation.
    """

    asked: bool = False
    owner: Owner | None = None
    key: ListedKey | None = None
    other_keys: tuple[ListedKey, ...] = ()
    last_use: LastUse | None = None
    history: tuple[KeyChange, ...] = ()
    quarantine_policy: str = ""
    successor: Successor | None = None
    issue: Issue | None = None
    account_told: str = ""
    witness: bool = False
    deletion: Occurrence | None = None
    description: str = ""
    near_miss: NearMiss | None = None
    usage: tuple[Usage, ...] | None = ()
    enrolment: RotationContext | None = None

    @property
    def listed_keys(self) -> tuple[ListedKey, ...]:
        """All that the owner holds."""
        return (*((self.key,) if self.key else ()), *self.other_keys)

    def latest(self, event_name: str, status: str = "") -> KeyChange | None:
        """The newest such change, of the given status where one is given."""
        matching = [
            change
            for change in self.history
            if change.event_name == event_name and change.status in {status, status and change.status}
        ]
        return max(matching, key=lambda change: change.at, default=None)
