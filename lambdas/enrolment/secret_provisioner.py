"""Creates a user's managed secret, sets its rotation, and grants or revokes the user's own access to it."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.aws.domain.iam import IamUser
from lambdas.enrolment.domain.claims import EnrolmentSettings, RotationSchedule, first_version
from lambdas.enrolment.domain.own_user_policy import Access, own_policy
from lambdas.enrolment.ports import ClaimedSecrets
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim
from lambdas.rotation.domain.managed_secret import ManagedSecret


@dataclass(kw_only=True, eq=False, repr=False)
class SecretProvisioner:
    secrets: ClaimedSecrets
    settings: EnrolmentSettings

    def create(self, claim: Claim) -> None:
        """The secret, bound to its user and without a key. Repeating it changes nothing. Raises BusyError if
        somebody else has just created a secret of the name.
        """
        self.secrets.create_secret(
            claim.secret_name,
            first_version(claim.user_id, claim.secret_name),
            ManagedSecret(user_name=claim.user_name),
            tags={**self.settings.tags, USER_ID_TAG: claim.user_id},
            key_arn=self.settings.key_arn,
        )

    def set_rotation(self, secret_name: str, schedule: RotationSchedule) -> None:
        """Raises BusyError while a rotation of the secret is under way."""
        if schedule is RotationSchedule.DISABLED:
            self.secrets.cancel_rotation(secret_name)
            return
        self.secrets.set_rotation(
            secret_name,
            self.settings.function,
            schedule_days=None if schedule is RotationSchedule.MANUAL else self.settings.schedule_days,
            immediately=schedule is RotationSchedule.IMMEDIATE,
        )

    def set_access(self, secret_name: str, access: Access, user: IamUser) -> None:
        if access is Access.REVOKE:
            self.secrets.delete_policy(secret_name)
            return
        user_arn = f"{self.settings.users_arn}{user.path}{user.name}"
        self.secrets.put_policy(secret_name, own_policy(user_arn, user.user_id))
