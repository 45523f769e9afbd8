"""What a rotation of a user's key would meet: its secret, mode, budget and free slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lambdas.rotation.domain.deactivation import DeactivatedBy
from lambdas.rotation.domain.fail_overs import BorrowedKey
from lambdas.rotation.domain.modes import Mode, smaller

BUDGET_SPENT = "the limit of rotations in an hour is reached, for this user or for the account"
CREATION_DENIED = (
    "iam:CreateAccessKey was denied to the function rotate_key less than a day ago: find the policy that"
    " denies it, then rotate by hand"
)
KILL_SWITCH_ON = "the kill switch is on"


def budget_renewed_at(spent_at: datetime) -> datetime:
    """Each hour of the clock has a budget of its own."""
    return spent_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


class ReplacementMethod(StrEnum):
    """Which key replaces the one that AWSCURRENT names."""

    PREVIOUS = "previous"  # the one before it
    BACKUP = "backup"  # the backup user's
    ROTATION = "rotation"  # a new one


@dataclass(frozen=True, kw_only=True)
class Previous:
    access_key_id: str  # the key that the secret named before the current one, active according to IAM
    version: str
    current_version: str


@dataclass(frozen=True, kw_only=True)
class Backup:
    user_name: str  # the user whose key can be lent
    function_name: str  # the function that lends it


@dataclass(frozen=True, kw_only=True)
class RotationContext:
    mode: Mode  # of the user
    deployment_mode: Mode
    secret_name: str
    binding_refusal: str = (
        ""  # why user and secret are not bound to each other, as a clause; empty if they are
    )
    live_key: str = ""  # another working key that the secret names: its consumer has not read it yet
    is_rotating: bool = False  # a rotation of the secret is under way, or left its label AWSPENDING behind
    stopped: bool = False  # by the kill switch
    in_cooldown: bool = False
    budget_spent: bool = False
    has_free_slot: bool = True
    creation_denied: bool = False  # when a rotation last tried, and not long ago
    deactivated_by: DeactivatedBy = DeactivatedBy.ANYBODY
    is_gone: bool = False  # the user was deleted
    previous: Previous | None = None
    backup: Backup | None = None
    loan: BorrowedKey | None = None  # if `live_key` is one of another user
    lent_to: tuple[str, ...] = ()  # the secrets that contain the rejected key as a loan

    @property
    def replacement_method(self) -> ReplacementMethod:
        if self.previous:
            return ReplacementMethod.PREVIOUS
        no_rotation = self.is_gone or not self.has_free_slot
        return ReplacementMethod.BACKUP if self.backup and no_rotation else ReplacementMethod.ROTATION

    @property
    def effective_mode(self) -> Mode:
        """The smaller of the two."""
        return smaller(self.mode, self.deployment_mode)
