"""A managed secret, its rotation state and its user's keys at one moment, as rotation, fail over and
retirement see it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lambdas.aws.domain.iam import ListedKey
from lambdas.aws.ports import Keys
from lambdas.errors import PermanentError
from lambdas.rotation.domain.binding import present_name
from lambdas.rotation.domain.managed_secret import ManagedSecret, UnreadableSecretError
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, SecretDescription, secret_name_of
from lambdas.rotation.ports import ReadRotations, Secrets


def read_snapshot(secret: str, secrets: Secrets, rotations: ReadRotations) -> SecretSnapshot:
    """`secret` is a name or an ARN. The state is read first: everything else can only be newer. Raises
    SecretGoneError if there is no such secret.
    """
    state = rotations.read(secret_name_of(secret))
    return SecretSnapshot(secrets=secrets, description=secrets.describe_secret(secret), state=state)


@dataclass(kw_only=True, eq=False, repr=False)
class SecretSnapshot:
    """A version's value is read when it is first asked for: once it is there, it never changes."""

    secrets: Secrets
    description: SecretDescription
    state: RotationState
    listed: tuple[ListedKey, ...] | None = None  # the user's keys; None if there is no user, or not yet read
    lenders: tuple[ListedKey, ...] = ()  # the keys of the user who lends the secret a key
    values: dict[str, ManagedSecret] = field(default_factory=dict)  # those read so far, by version

    @property
    def name(self) -> str:
        return self.description.name

    def with_keys(self, keys: Keys, user_name: str) -> SecretSnapshot:
        """Reads the keys of the user, and those of the lender of a borrowed key."""
        lender = self.state.loan.lender if self.state.loan else ""
        return replace(
            self,
            listed=keys.list_keys(user_name) if user_name else None,
            lenders=(keys.list_keys(lender) or ()) if lender else (),
        )

    def value(self, label: str) -> ManagedSecret | None:
        """None if no version has the label, or if that version has no value. Raises UnreadableSecretError
        for AWSCURRENT alone: a person's mistake in any other version must not stop anything.
        """
        version = self.description.labelled(label)
        try:
            return self.value_of(version)
        except UnreadableSecretError as error:
            if version == self.description.labelled(CURRENT):
                raise UnreadableSecretError(f"the version AWSCURRENT of {self.name}: {error}") from None
            return None

    def value_of(self, version: str) -> ManagedSecret | None:
        """Raises UnreadableSecretError if it is not the JSON of a managed secret."""
        if version and version not in self.values:
            value = self.secrets.value(self.name, version)
            self.values.update({version: value} if value else {})
        return self.values.get(version)

    def key_id(self, label: str) -> str:
        """The key in the version with the label; empty if there is none."""
        value = self.value(label)
        return value.key_id if value else ""

    @property
    def current(self) -> ManagedSecret:
        """The value of AWSCURRENT, with the user's present name. Raises PermanentError if there is none."""
        value = self.value(CURRENT)
        if value is None:
            raise PermanentError("the version AWSCURRENT of the secret has no value")
        return replace(value, user_name=self.present_name(value))

    def present_name(self, value: ManagedSecret) -> str:
        return present_name(value.user_name, self.state, self.description.tags)

    def named_keys(self) -> frozenset[str]:
        """The keys in all versions that have a label."""
        labels = {label for labels in self.description.labels.values() for label in labels}
        return frozenset(map(self.key_id, labels)) - {""}

    def is_alive(self, access_key_id: str) -> bool:
        """Whether IAM lists the key as active. A borrowed key is one of its lender's."""
        is_borrowed = access_key_id != "" and access_key_id == self.state.borrowed_key_id
        listed = self.lenders if is_borrowed else self.listed or ()
        return any(key.access_key_id == access_key_id and key.is_active for key in listed)
