"""Evidence: what IAM, the ledger, STS and CloudTrail's history say about a key at the moment of reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.domain.iam import Issue, KeyChange, LastUse, ListedKey, Usage
from lambdas.diagnosis.domain.unread import Source, Unread
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.owner import Owner
from lambdas.rotation.domain.rotation_context import RotationContext


@dataclass(frozen=True, kw_only=True)
class Successor:
    """A newer active key of the same owner that was used: since the last use of a key whose failure is
    predicted, else at any time.
    """

    access_key_id: str
    created_at: datetime
    last_use: LastUse
    used_since: bool = True  # since the end of this key, as far as IAM's last use shows that


@dataclass(frozen=True, kw_only=True)
class OwnRotation:
    """A newer key that the owner itself, or a listed automation, made shortly before it ended this one. A
    thief who has the key does just that, from a source of its own.
    """

    access_key_id: str
    created_at: datetime
    by: str
    source: str
    by_automation: bool
    ended_by_owner: bool = True  # else by a listed automation
    from_known_source: bool = False  # calls with the old key came from it long before

    @property
    def is_ordinary(self) -> bool:
        return self.by_automation or self.from_known_source


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """The only key of the ledger that differs from the rejected id by one typo."""

    masked_id: str
    owner_name: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    looked_up: bool = False  # False if the record names no key that can be looked up
    owner: Owner | None = None  # None if nothing names an owner
    key: ListedKey | None = None  # None if no complete listing of the owner's keys contains it
    other_keys: tuple[ListedKey, ...] = ()  # of the owner, if it still exists
    last_use: LastUse | None = None
    history: tuple[KeyChange, ...] = ()
    reactivation: Occurrence | None = None  # of an active key that was inactive before, from the ledger
    inactive_at: datetime | None = (
        None  # of an active key: when the ledger last saw it inactive, if not since
    )
    quarantine_policy: str = ""  # the owner's policy by which AWS marks a leaked key
    exposed_at: datetime | None = None  # when AWS Health reported the key as exposed, from the ledger
    successor: Successor | None = None
    own_rotation: OwnRotation | None = None  # of a predicted outage
    issue: Issue | None = None  # of a temporary credential
    sts_account: str = ""  # the account that STS returns for an id of the old format
    lookup_confirmed: bool = False  # a key that exists was resolved, so IAM look-ups work
    deletion: Occurrence | None = None  # of the key, from the ledger
    description: str = ""  # of the key, written by the owner
    near_miss: NearMiss | None = None
    usage: tuple[Usage, ...] | None = ()  # None if CloudTrail's history could not be read
    only_own_tests: bool = False  # all calls in that history are the tests of a rotation
    unread: tuple[Unread, ...] = ()  # what is unknown because it could not be read
    rotation_context: RotationContext | None = None  # None if the owner is not enrolled for rotation

    def is_unread(self, *sources: Source) -> bool:
        return any(one.source in sources for one in self.unread)

    @property
    def lacks_decisive(self) -> bool:
        """Whether something is unknown that could change the cause."""
        return any(one.is_decisive for one in self.unread)

    @property
    def has_leaked(self) -> bool:
        return bool(self.quarantine_policy) or self.exposed_at is not None

    @property
    def listed_keys(self) -> tuple[ListedKey, ...]:
        """All keys that the owner has."""
        return (*((self.key,) if self.key else ()), *self.other_keys)

    def latest(self, event_name: str, status: str = "") -> KeyChange | None:
        """The latest change by this API call; only changes to this status, if one is given."""
        matching = [
            change
            for change in self.history
            if change.event_name == event_name and status in {"", change.status}
        ]
        return max(matching, key=lambda change: change.at, default=None)
