"""What the pipeline needs of the world; adapters/ answers with AWS, tests with fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from lambdas.domain.alert import Alert
    from lambdas.domain.evidence import KeyChange, LastUse, ListedKey, Owner
    from lambdas.domain.finding import Finding
    from lambdas.domain.incident import Noted, Sightings


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """IAM names a user for the key; the key itself may be gone all the same."""

    user_name: str
    last_use: LastUse | None


@dataclass(frozen=True, kw_only=True)
class Unresolved:
    """IAM names nobody. `denied` says that it did so with AccessDenied, the answer it also gives to
    a caller without the permission (aws-facts 4.4).
    """

    denied: bool


class Iam(Protocol):
    """Every method raises TransientError when IAM does not answer or a permission is missing."""

    def look_up(self, access_key_id: str) -> Resolved | Unresolved: ...

    def keys_of(self, user_name: str) -> tuple[ListedKey, ...] | None:
        """All keys of the user, or None when IAM says that there is no such user."""
        ...

    def owner(self, user_name: str) -> Owner: ...

    def confirm_look_up_works(self, candidates: Collection[str]) -> None:
        """Raises TransientError unless a key that is known to exist resolves: only then does
        Unresolved mean that a key is not of this account. `candidates` are keys just seen listed.
        """
        ...


class TrailHistory(Protocol):
    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]: ...


class Incidents(Protocol):
    def note(self, sightings: Sightings) -> Noted:
        """Counts the sightings on the key's open incident, or opens one, and claims it if it needs
        attention. One write for an incident that has been told already.
        """
        ...

    def settle(self, finding: Finding) -> None:
        """Records what was found and told, and gives up the claim; does nothing if another holds it."""
        ...


class AlertTopic(Protocol):
    def publish(self, alert: Alert) -> None: ...


class IncidentBus(Protocol):
    def put(self, detail: Mapping[str, object]) -> None: ...


class DeadLetters(Protocol):
    def reject(self, body: str, reason: str) -> None: ...
