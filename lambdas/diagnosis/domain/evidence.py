"""Evidence: what IAM and CloudTrail's history say of a key at the moment of asking."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lambdas.detection.domain.signal import Caller
    from lambdas.ledger.domain.occurrence import Happening
    from lambdas.rotation.domain.rotation_context import Enrolment

ACTIVE = "Active"


@dataclass(frozen=True, kw_only=True)
class ListedKey:
    """A key as IAM lists it. `status` is IAM's own word: Active, Inactive or Expired (aws-facts 4.6)."""

    access_key_id: str
    status: str
    created_at: datetime

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE


@dataclass(frozen=True, kw_only=True)
class LastUse:
    """The last request that the key signed, to a quarter of an hour (IAM, GetAccessKeyLastUsed)."""

    at: datetime
    service: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The IAM user whose key it is. `user_id` is empty, and `exists` False, once no user of that name is
    there any more, or only another one that was given the same name later. `deletion` and `tags`, those
    that the user has or had, are the ledger's, and so is the `path` of one that is gone; it is empty where
    nothing tells it. `name_is_taken` says that somebody else has the name now.
    """

    name: str
    user_id: str = ""
    path: str = ""
    exists: bool = True
    created_at: datetime | None = None
    deletion: Happening | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    name_is_taken: bool = False


@dataclass(frozen=True, kw_only=True)
class KeyChange:
    """One successful CreateAccessKey, UpdateAccessKey or DeleteAccessKey, from the ledger or CloudTrail's
    history. `status` is what an UpdateAccessKey set, else empty; `user_name` is empty for the root user,
    `by` where a listing told the creation.
    """

    event_name: str
    at: datetime
    by: str
    user_name: str
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class Successor:
    """A newer active key of the same owner that has been used since the refused one went dead."""

    access_key_id: str
    created_at: datetime
    used: LastUse


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Good calls that one caller made with a key, of one service in one region, by CloudTrail's history."""

    caller: Caller
    service: str
    region: str
    calls: int
    last_at: datetime


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """The one key of the ledger from which the refused id is one slip away; its id is masked."""

    masked_id: str
    owner_name: str


@dataclass(frozen=True, kw_only=True)
class Issue:
    """The call that issued a temporary credential, from CloudTrail's history. `to` is the role or the
    user that the credential stands for, in `account`; `still_there` is False when IAM says that it is gone.
    """

    event_name: str
    at: datetime
    by: str
    to: str
    account: str
    still_there: bool = True


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
    deletion: Happening | None = None
    description: str = ""
    near_miss: NearMiss | None = None
    usage: tuple[Usage, ...] | None = ()
    enrolment: Enrolment | None = None

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
