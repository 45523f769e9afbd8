"""What rotation needs of the world. Every method raises TransientError when AWS does not answer or refuses
for a reason that may pass, a missing permission included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from lambdas.errors import PermanentError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lambdas.aws.domain.iam import IamUser, ListedKey, Resolved, Unresolved
    from lambdas.rotation.domain.fail_overs import FailOverResult
    from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
    from lambdas.rotation.domain.modes import Mode
    from lambdas.rotation.domain.rotation_state import RotationState

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
# Of a version that is to carry a borrowed key, until it is AWSCURRENT.
LOAN = "access-key-remediator-loan"


class RefusedError(PermanentError):
    """A guardrail forbids it, and nothing was changed. The text names it for people."""


class NoFreeSlotError(RefusedError):
    """`held` are the ids of the keys that take all the room, of which a person has to choose one."""

    def __init__(self, reason: str, held: tuple[str, ...]) -> None:
        super().__init__(reason)
        self.held = held


class BlockedError(PermanentError):
    """`version` has the label AWSPENDING of another rotation, which is not over or was left behind."""

    def __init__(self, version: str) -> None:
        super().__init__("another rotation of the secret is under way, or has left its label behind")
        self.version = version


class SecretGoneError(TransientError):
    """There is no such secret, or it is scheduled for deletion: a person may bring it back."""


class OtherValueError(PermanentError):
    """The version has a value already, and another one."""


@dataclass(frozen=True, kw_only=True)
class SecretVersions:
    """A secret as Secrets Manager describes it: its labels by version id."""

    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_being_deleted: bool = False

    def labelled(self, label: str) -> str:
        """The version with the label; empty where none has it."""
        return next((version for version, labels in self.labels.items() if label in labels), "")


class DescribedSecrets(Protocol):
    def versions_of(self, secret: str) -> SecretVersions:
        """Raises SecretGoneError where there is none."""
        ...


class Secrets(DescribedSecrets, Protocol):
    def value(self, secret: str, version: str) -> ManagedSecret | None:
        """None for a version without a value. Raises PermanentError for one that is not a key's JSON."""
        ...

    def put_pending(self, secret: str, token: str, value: ManagedSecret) -> None:
        """Raises OtherValueError when the token's version has another value already."""
        ...

    def promote(self, secret: str, token: str, current: str) -> None:
        """The label AWSCURRENT goes from one version to another. Raises BusyError where it is not on the
        version that it is to be taken from.
        """
        ...

    def drop_pending(self, secret: str, version: str) -> None: ...

    def put_loan(self, secret: str, version: str, value: ManagedSecret) -> None:
        """A version with the label LOAN. Raises OtherValueError when it has another value already."""
        ...

    def drop_loan(self, secret: str, version: str) -> None: ...

    def policy_of(self, secret: str) -> str:
        """Its resource policy, as JSON; empty where it has none."""
        ...


class UserKeys(Protocol):
    def list_keys(self, user_name: str) -> tuple[ListedKey, ...] | None: ...

    def look_up(self, access_key_id: str) -> Resolved | Unresolved: ...

    def describe(self, user_name: str) -> IamUser | None: ...

    def quarantine_policy(self, user_name: str) -> str: ...

    def create(self, user_name: str) -> NewKey:
        """Raises TransientError where IAM allows no more keys: whoever asked had just seen room, so another
        was made meanwhile, which the next attempt sees.
        """
        ...

    def delete(self, user_name: str, access_key_id: str) -> None:
        """Does nothing where it is gone already."""
        ...

    def switch(self, user_name: str, access_key_id: str, *, on: bool) -> None: ...


class SecretReaders(Protocol):
    def may_read(self, secret_name: str, user: IamUser) -> bool:
        """False only where the user's own policies surely do not let it read the secret."""
        ...


class ReadRotations(Protocol):
    def read(self, secret_name: str) -> RotationState: ...


class Rotations(ReadRotations, Protocol):
    def write(self, state: RotationState) -> RotationState:
        """Raises BusyError when another one has written in between."""
        ...


class AllRotations(Rotations, Protocol):
    def all_states(self) -> list[RotationState]: ...


class KeyIdentity(Protocol):
    def user_id_of(self, key: NewKey) -> str:
        """Whose key AWS takes it for; empty while AWS refuses it, as it does right after its creation."""
        ...


class KeyAttribution(Protocol):
    def created_by_us(self, access_key_id: str) -> bool | None:
        """Whether the rotation's own role made it, by the ledger or CloudTrail's history; None while no
        record tells.
        """
        ...

    def deactivated_by_us(self, access_key_id: str) -> bool | None:
        """Whether the retirement's own role has deactivated it, and nobody else since it was last active;
        None while no record tells.
        """
        ...

    def contained_at(self, access_key_id: str) -> datetime | None:
        """When a listed automation deactivated it, by the records; None if a person did so too."""
        ...


class Switches(Protocol):
    def stopped(self) -> bool:
        """The kill switch, as of less than a minute ago."""
        ...


class StageSwitches(Switches, Protocol):
    def mode(self) -> Mode:
        """How far the stage may go, as of less than a minute ago."""
        ...


class RotationBudget(Protocol):
    """How many rotations may be started in an hour, in the whole account."""

    def is_spent(self) -> bool: ...

    def spend(self, token: str) -> None:
        """One rotation, however often it is told by the same token. Raises PermanentError where the budget
        was spent meanwhile.
        """
        ...


class RotationStarter(Protocol):
    def start(self, secret_name: str, token: str) -> None:
        """Does nothing where this rotation is under way already. Raises BlockedError where another one is."""
        ...


class FailOver(Protocol):
    """Both do nothing where the secret names a key that works, or where the same token has done it before.
    They raise RefusedError where a guardrail or the state of things forbids it.
    """

    def to_previous(self, secret_name: str, token: str) -> FailOverResult:
        """AWSCURRENT goes back to the version that it came from, whose key works."""
        ...

    def to_backup(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        """The secret carries the key of the user's backup, a user of that name, until it is rotated."""
        ...
