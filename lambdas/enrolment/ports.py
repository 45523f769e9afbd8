"""What enrolment needs of the world, besides the ports of rotation, whose errors it shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lambdas.aws.domain.iam import IamUser
from lambdas.rotation.domain.managed_secret import ManagedSecret
from lambdas.rotation.domain.secret_description import SecretDescription


class ClaimingUsers(Protocol):
    def describe(self, user_name: str) -> IamUser | None: ...

    def quarantine_policy(self, user_name: str) -> str: ...


class SecretReservations(Protocol):
    def reserved(self, user_id: str) -> str:
        """The secret that the user has, or is about to get; empty if there is none."""
        ...

    def reserve(self, user_id: str, secret_name: str) -> None:
        """May be repeated. Raises BusyError if another secret was reserved for the user minutes ago."""
        ...


class ClaimedSecrets(Protocol):
    """The values of existing secrets are never read."""

    def find_secret(self, secret: str) -> SecretDescription | None:
        """None if there is no secret of the name."""
        ...

    def create_secret(
        self, name: str, version: str, value: ManagedSecret, *, tags: Mapping[str, str], key_arn: str
    ) -> None:
        """Raises BusyError if there is a secret of the name with another first version."""
        ...

    def set_rotation(
        self, secret_name: str, function_arn: str, *, schedule_days: int | None, immediately: bool
    ) -> None:
        """Raises BusyError while a rotation of the secret is under way."""
        ...

    def cancel_rotation(self, secret_name: str) -> None: ...

    def policy_of(self, secret: str) -> str:
        """The secret's resource policy as JSON; empty if it has none."""
        ...

    def put_policy(self, secret_name: str, policy: str) -> None: ...

    def delete_policy(self, secret_name: str) -> None: ...
