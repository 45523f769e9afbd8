"""What every room needs of AWS: IAM, CloudTrail's history, STS and the dead-letter queue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from lambdas.aws.domain.iam import (
    IamUser,
    Issue,
    KeyChange,
    ListedKey,
    Resolved,
    Unresolved,
    Usage,
)


class Keys(Protocol):
    """Every method raises TransientError if IAM does not answer or a permission is missing."""

    def look_up(self, access_key_id: str) -> Resolved | Unresolved: ...

    def list_keys(self, user_name: str) -> tuple[ListedKey, ...] | None:
        """All keys of the user; None if IAM has no such user."""
        ...

    def describe(self, user_name: str) -> IamUser | None:
        """The user with its tags; None if IAM has no such user."""
        ...


class Iam(Keys, Protocol):
    def quarantine_policy(self, user_name: str) -> str:
        """The name of the policy that AWS attaches to the user of a leaked key; empty if there is none."""
        ...

    def principal_exists(self, principal: str) -> bool:
        """`principal` is the end of an ARN, `role/path/name` or `user/path/name`. True for any other kind,
        of which IAM knows nothing.
        """
        ...


class ProbeKey(Protocol):
    """A key that is known to exist. Unresolved means "not of this account" only while such a key resolves."""

    def check_lookup_works(self) -> None:
        """Raises TransientError if a probe key is stored and look-ups no longer work. They are tried once an
        hour, and again at the next call after a failure.
        """
        ...

    def confirm_lookup_works(self, candidates: Collection[str]) -> str:
        """The id of a key that exists and resolves; empty if no user of the account has a key.

        `candidates` are keys that were just listed. Raises TransientError if no existing key resolves.
        """
        ...


class TrailHistory(Protocol):
    """Every method raises TransientError if the history cannot be read."""

    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]: ...

    def count_usage(self, access_key_id: str, regions: Collection[str]) -> tuple[Usage, ...]:
        """The calls with the key that AWS authenticated in these regions, most calls first, without data
        events.
        """
        ...

    def use_times(self, access_key_id: str, regions: Collection[str]) -> tuple[datetime, ...]:
        """When the calls of count_usage were made, without the remediator's own tests of keys."""
        ...

    def sources_until(self, access_key_id: str, until: datetime, regions: Collection[str]) -> frozenset[str]:
        """Where the last calls with the key before a moment came from, without the remediator's own."""
        ...

    def find_issue(self, access_key_id: str) -> Issue | None:
        """The call that issued a temporary key; None if the history does not have it."""
        ...


class Accounts(Protocol):
    def find_account(self, access_key_id: str, probe_key: str) -> str:
        """The account that STS names for the id; empty if it names none. Raises TransientError if it names
        none for `probe_key` either, a key that exists: then a permission may be missing.
        """
        ...


class Inventory(Protocol):
    def users(self, marker: str) -> tuple[tuple[IamUser, ...], str]:
        """A page of users and the marker of the next page, which is empty after the last one.

        `marker` is empty for the first page. Raises TransientError as Keys.
        """
        ...


class DeadLetterQueue(Protocol):
    def reject(self, body: str, reason: str) -> None:
        """Raises TransientError if the message cannot be sent there."""
        ...
