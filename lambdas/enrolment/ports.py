"""What enrolment needs of the world. Errors: as in ports.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lambdas.aws.domain.iam import IamUser
    from lambdas.enrolment.domain.claims import ClaimedSecret, RotationSchedule
    from lambdas.enrolment.domain.own_user_policy import Access


class ClaimingUsers(Protocol):
    def describe(self, user_name: str) -> IamUser | None: ...

    def quarantine_policy(self, user_name: str) -> str: ...


class ClaimedSecrets(Protocol):
    def find(self, secret_name: str) -> ClaimedSecret | None:
        """None where there is no secret of the name."""
        ...

    def create(self, secret_name: str, user_name: str, user_id: str) -> None:
        """The secret of that user, without a key; does nothing where this was done before. Raises BusyError
        where somebody else has made one meanwhile.
        """
        ...

    def set_rotation(self, secret_name: str, rotating: RotationSchedule) -> None:
        """Raises BusyError while a rotation of the secret is under way."""
        ...

    def policy_of(self, secret_name: str) -> str:
        """Its resource policy as JSON; empty where it has none."""
        ...

    def set_access(self, secret_name: str, access: Access, user: IamUser) -> None:
        """Gives its own user the right to read it, or takes that away."""
        ...


class LaterEnrolments(Protocol):
    def look_later(self, user_name: str) -> None:
        """Has the user's claim looked at again, within a quarter of an hour."""
        ...
