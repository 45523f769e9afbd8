"""What every room needs of AWS: IAM, CloudTrail's history, STS and the dead-letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

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
    """Every method raises TransientError when IAM does not answer or a permission is missing."""

    def look_up(self, access_key_id: str) -> Resolved | Unresolved: ...

    def keys_of(self, user_name: str) -> tuple[ListedKey, ...] | None:
        """All keys of the user, or None when IAM says that there is no such user."""
        ...

    def describe(self, user_name: str) -> IamUser | None:
        """The user with its tags, or None when IAM says that there is no such user."""
        ...


class Iam(Keys, Protocol):
    def quarantine_policy_of(self, user_name: str) -> str:
        """The name of the attached policy by which AWS marks a leaked key; empty if there is none."""
        ...

    def holder_exists(self, holder: str) -> bool:
        """`holder` is the end of an ARN, `role/path/name` or `user/path/name`; of any other kind of
        holder IAM cannot tell, and it counts as existing.
        """
        ...

    def check_lookup_works(self) -> None:
        """Raises TransientError if a witness is remembered and look-ups no longer work."""
        ...

    def confirm_lookup_works(self, candidates: Collection[str]) -> str:
        """A key that exists; empty where a complete listing says that no user has any. Raises
        TransientError unless a key that is known to exist resolves: only then does Unresolved mean
        that a key is not of this account. `candidates` are keys just seen listed.
        """
        ...


class TrailHistory(Protocol):
    """Every method raises TransientError when the history cannot be read."""

    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]: ...

    def usage_of(self, access_key_id: str, regions: Collection[str]) -> tuple[Usage, ...]:
        """Who made good calls with the key lately, the most calls first, as far as the histories of
        these regions tell: they leave out data events.
        """
        ...

    def issue_of(self, access_key_id: str) -> Issue | None:
        """The call that issued a temporary credential, if the history still has it."""
        ...


class Accounts(Protocol):
    def account_of(self, access_key_id: str, witness: str) -> str:
        """The account that STS names for the id, empty where it names none. Raises TransientError if
        it names none for `witness` either, a key that exists: then a permission may be missing.
        """
        ...


class Inventory(Protocol):
    def users(self, marker: str) -> tuple[tuple[IamUser, ...], str]:
        """The users from the marker on, empty for the first, and the marker of those after them, empty
        after the last. Raises TransientError when IAM does not answer or a permission is missing.
        """
        ...


class DeadLetterQueue(Protocol):
    def reject(self, body: str, reason: str) -> None: ...
