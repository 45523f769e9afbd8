"""What rotation needs of the world. Every method raises TransientError if AWS does not answer, or refuses for
a reason that may pass, such as a missing permission.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from lambdas.aws.ports import Keys
from lambdas.errors import PermanentError, TransientError
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import SecretDescription


class RefusedError(PermanentError):
    """A guardrail forbids it, and nothing was changed. The text names the guardrail for people."""


class NoFreeSlotError(RefusedError):
    """The user has as many keys as IAM allows: a person has to choose one of `held`, the ids of the keys.
    `inactive` is the one that works for nobody; empty if all are active.
    """

    def __init__(self, reason: str, held: tuple[str, ...], inactive: str = "") -> None:
        super().__init__(reason)
        self.held = held
        self.inactive = inactive


class KeyQuotaError(TransientError):
    """IAM allows the user no more keys. The caller would have been permitted to create one: IAM checks the
    permission first, so a denied caller gets CreationDeniedError.
    """


class CreationDeniedError(TransientError):
    """The caller may not create a key for the user, until somebody changes a policy."""


class BlockedError(PermanentError):
    """Another rotation is under way, or has left its label AWSPENDING on `version`."""

    def __init__(self, version: str) -> None:
        super().__init__("another rotation of the secret is under way, or left its label behind")
        self.version = version


class BudgetSpentError(PermanentError):
    """No more rotations are started in this hour."""


class RejectedError(PermanentError):
    """AWS rejects the request, and will until somebody changes a policy or the secret. The text is safe to
    print.
    """


class SecretGoneError(TransientError):
    """The secret does not exist, or is scheduled for deletion. A person may restore it."""


class OtherValueError(PermanentError):
    """The version already has another value."""


class DescribedSecrets(Protocol):
    """For functions whose role may not read the value of a secret."""

    def describe_secret(self, secret: str) -> SecretDescription:
        """Raises SecretGoneError if there is none."""
        ...


class Secrets(DescribedSecrets, Protocol):
    def value(self, secret: str, version: str) -> ManagedSecret | None:
        """None for a version without a value. Raises UnreadableSecretError if the value is no key's JSON."""
        ...

    def put_pending(self, secret: str, token: str, value: ManagedSecret) -> None:
        """Raises OtherValueError if the token's version already has another value."""
        ...

    def promote(self, secret: str, token: str, current: str) -> None:
        """Moves AWSCURRENT from version `current` to version `token`. Raises BusyError if the label is no
        longer on `current`.
        """
        ...

    def drop_pending(self, secret: str, version: str) -> None: ...

    def put_loan(self, secret: str, version: str, value: ManagedSecret) -> None:
        """Creates a version with the label LOAN. Raises OtherValueError if it already has another value."""
        ...

    def drop_loan(self, secret: str, version: str) -> None: ...

    def put_edited(self, secret: str, version: str, value: ManagedSecret) -> None:
        """Creates a version with the label EDITED. Raises OtherValueError if it already has another value."""
        ...

    def drop_edited(self, secret: str, version: str) -> None: ...

    def policy_of(self, secret: str) -> str:
        """The secret's resource policy as JSON; empty if it has none."""
        ...


class UserKeys(Keys, Protocol):
    def quarantine_policy(self, user_name: str) -> str: ...

    def create(self, user_name: str, secret_name: str) -> NewKey:
        """CloudTrail shows for which secret the key was created. Raises KeyQuotaError or
        CreationDeniedError.
        """
        ...

    def delete(self, user_name: str, access_key_id: str) -> None:
        """Does nothing if the key is already gone."""
        ...

    def switch(self, user_name: str, access_key_id: str, *, on: bool) -> None: ...


class ReadRotations(Protocol):
    """For functions whose role may not write the state of a rotation."""

    def read(self, secret_name: str) -> RotationState: ...


class Rotations(ReadRotations, Protocol):
    def write(self, state: RotationState) -> RotationState:
        """Raises BusyError if another run has written since the state was read."""
        ...

    def states_of(self, user_id: str) -> list[RotationState]:
        """The states of all secrets that were last bound to the user, each as it is now. Raises
        PermanentError for more than a user can need.
        """
        ...


class KeyIdentity(Protocol):
    def user_id_of(self, key: NewKey) -> str:
        """The user that AWS accepts the key for; empty while AWS rejects it, as it does a new one."""
        ...


class KeyAttribution(Protocol):
    def created_for(self, access_key_id: str, secret_name: str) -> bool | None:
        """Whether a rotation of this secret created the key, by CloudTrail's history; None without a
        record.
        """
        ...

    def deactivated_by_us(self, access_key_id: str) -> bool | None:
        """Whether the retirement's own role, and nobody else, deactivated the key since it was last active;
        None without a record.
        """
        ...

    def contained_at(self, access_key_id: str) -> datetime | None:
        """When a listed automation deactivated the key; None if a person did so too."""
        ...


class Switches(Protocol):
    """The SSM parameters that work without a deployment. An answer is less than a minute old."""

    def stopped(self) -> bool:
        """Whether the kill switch is on."""
        ...

    def mode(self) -> Mode:
        """The limit for all users of this deployment."""
        ...


class RotationBudget(Protocol):
    """The number of rotations that may be started in an hour, for one user and in the whole account."""

    def is_spent(self, user_id: str) -> bool: ...

    def spend(self, token: str, user_id: str) -> None:
        """Counts the rotation of this token once, however often it is called. Raises BudgetSpentError if the
        budget is spent.
        """
        ...

    def was_spent_by(self, token: str) -> bool:
        """Whether the rotation of this token was counted in this hour."""
        ...


class RotationStarter(Protocol):
    def start(self, secret_name: str, token: str) -> None:
        """Does nothing if this rotation is already under way. Raises BlockedError if another one is."""
        ...


class FailOver(Protocol):
    """Neither method changes anything if the secret names a working key, or the same token was used before.
    Both raise RefusedError if a guardrail, or the state of the keys, forbids it.
    """

    def to_previous(self, secret_name: str, token: str) -> FailOverResult:
        """Moves AWSCURRENT back to version AWSPREVIOUS, whose key works."""
        ...

    def to_backup(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        """Puts the key of the backup user of that name into the secret, until the secret is rotated."""
        ...
