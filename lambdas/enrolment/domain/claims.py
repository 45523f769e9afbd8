"""What becomes of a user's claim on a managed secret: refused, or what is missing is made.

A claim may be looked at any number of times: where all is as it should be, there is nothing to do.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from lambdas.enrolment.domain.own_user_policy import Access, PolicyFound, access_wanted
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.domain.binding import flaw_of_binding
from lambdas.rotation.domain.modes import Mode, mode_of, smaller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.ledger.domain.enrolment_tags import Claim

# Secrets Manager API reference, CreateSecret, Name.
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_STOPPED = "the kill switch is on"
_BUDGET_SPENT = "the account's rotations of this hour are spent"


@dataclass(frozen=True, kw_only=True)
class ClaimedSecret:
    """As Secrets Manager describes it. `current` is the version AWSCURRENT. `function` and the schedule stay
    when rotation is switched off (`is_on`). `days` is None without a schedule; `has_expression` says that
    somebody wrote it as an expression, which the remediator never does.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    current: str = ""
    is_rotating: bool = False
    is_being_deleted: bool = False
    is_on: bool = False
    function: str = ""
    days: int | None = None
    has_expression: bool = False

    @property
    def is_scheduled(self) -> bool:
        return self.is_on and (self.days is not None or self.has_expression)


@dataclass(frozen=True, kw_only=True)
class EnrolmentSettings:
    """What the stack was deployed with. `function` is the ARN of its rotation function; with `users_read` a
    user may read its own secret.
    """

    prefix: str
    function: str
    schedule_days: int
    users_read: bool = False


@dataclass(frozen=True, kw_only=True)
class ClaimContext:
    """What a claim meets, read just now. `secret` is None where there is none of that name, `policy` where
    users do not read their own secrets. `is_borrowing` says that the secret carries another user's key, or is
    about to; `budget_spent` that no more rotations are started in this hour.
    """

    secret: ClaimedSecret | None
    quarantine_policy: str
    stage_mode: Mode
    stopped: bool
    policy: PolicyFound | None = None
    is_borrowing: bool = False
    budget_spent: bool = False


@dataclass(frozen=True, kw_only=True)
class PreviousClaim:
    """A secret that a user may have claimed before. `user_id` is the user's, empty where it is gone; of whom
    the secret is, `bound_name` and `bound_id` were written down when that user was enrolled.
    """

    secret: ClaimedSecret
    user_name: str
    user_id: str
    bound_name: str
    bound_id: str


class RotationSchedule(StrEnum):
    """How a secret's rotation is set: without a schedule, with one, with one and a first rotation, or off."""

    MANUAL = "by-hand"
    SCHEDULED = "by-schedule"
    IMMEDIATE = "at-once"
    DISABLED = "off"


@dataclass(frozen=True, kw_only=True)
class ClaimDecision:
    """`flaw` is why the claim is refused, wholly or, with an unknown mode, in part; empty where it is not.
    `waits` is why something is left to the next sync, or to the user's next tag.
    """

    flaw: str = ""
    is_granted: bool = False
    creates: bool = False
    rotating: RotationSchedule | None = None
    access: Access | None = None
    waits: str = ""

    @property
    def comes_again(self) -> bool:
        """Sooner than the next sync, because it only waits for the next hour."""
        return self.waits == _BUDGET_SPENT


def first_version(user_id: str, secret_name: str) -> str:
    """The version with which the remediator creates a secret, without a key: the same however often it is
    tried. As long as AWSCURRENT is on it, the secret has no key yet, which is known without reading it.
    """
    return hashlib.sha256(f"{user_id}/{secret_name}".encode()).hexdigest()


def flaw_of_name(secret_name: str, prefix: str) -> str:
    """Why no secret of the name is ever looked at; empty where one may be."""
    if not secret_name.startswith(prefix):
        return f"the secret is not under {prefix}"
    if secret_name == prefix or not _SECRET_NAME.fullmatch(secret_name):
        return "no secret can have the name"
    return ""


def decide_claim(claim: Claim, met: ClaimContext, terms: EnrolmentSettings) -> ClaimDecision:
    flaw = _flaw(claim, met, terms)
    access = access_wanted(met.policy, is_kept_out=bool(flaw) or met.is_borrowing)
    if flaw:
        return ClaimDecision(flaw=flaw, access=access)
    rotating, waits = _rotating(claim, met, terms)
    if access is Access.GRANT and met.stopped:
        access, waits = None, _STOPPED
    return ClaimDecision(
        flaw=_blemish(claim, met),
        is_granted=True,
        creates=met.secret is None,
        rotating=rotating,
        access=access,
        waits=waits,
    )


def is_to_be_released(former: PreviousClaim, terms: EnrolmentSettings) -> bool:
    """Whether its schedule has to end, because every rotation would be refused. Another user's is left alone,
    and so is a rotation under way, which the next sync comes back to.
    """
    secret = former.secret
    was_its_own = former.bound_name == former.user_name and former.user_id in {"", former.bound_id}
    is_bound_still = secret.tags.get(USER_ID_TAG) == former.bound_id
    ends = secret.is_scheduled and not secret.is_rotating and not secret.is_being_deleted
    return was_its_own and is_bound_still and ends and secret.function == terms.function


def _flaw(claim: Claim, met: ClaimContext, terms: EnrolmentSettings) -> str:
    secret = met.secret
    if flaw := flaw_of_name(claim.secret_name, terms.prefix):
        return flaw
    if met.quarantine_policy:
        return f"the user is quarantined by {met.quarantine_policy}"
    if secret is None:
        return ""
    if secret.is_being_deleted:
        return "the secret is scheduled for deletion"
    if flaw := flaw_of_binding(
        claim, secret_name=claim.secret_name, secret_tags=secret.tags, prefix=terms.prefix
    ):
        return flaw
    is_others = secret.is_on and secret.function != terms.function
    return "another function rotates the secret" if is_others else ""


def _blemish(claim: Claim, met: ClaimContext) -> str:
    """What of a granted claim is not granted."""
    if claim.mode not in set(Mode):
        return "there is no such mode, and notify is taken for it"
    if met.policy is PolicyFound.OTHER:
        return "the secret has a resource policy of somebody else's, and its user is not let in"
    return ""


def _rotating(
    claim: Claim, met: ClaimContext, terms: EnrolmentSettings
) -> tuple[RotationSchedule | None, str]:
    """What has to be changed about its rotation, if anything; or why that has to wait."""
    change = _change(claim, met, terms)
    if change and met.secret and met.secret.is_rotating:
        return None, "a rotation of the secret is under way"
    if change in {RotationSchedule.IMMEDIATE, RotationSchedule.SCHEDULED} and met.stopped:
        return None, _STOPPED
    if change is RotationSchedule.IMMEDIATE and met.budget_spent:
        return None, _BUDGET_SPENT
    return change, ""


def _change(claim: Claim, met: ClaimContext, terms: EnrolmentSettings) -> RotationSchedule | None:
    secret = met.secret or ClaimedSecret(current=first_version(claim.user_id, claim.secret_name))
    if smaller(mode_of(claim.mode), met.stage_mode) is not Mode.AUTO:
        if secret.is_scheduled:
            return RotationSchedule.DISABLED
        return None if secret.function == terms.function else RotationSchedule.MANUAL
    if secret.is_on and (secret.has_expression or secret.days == terms.schedule_days):
        return None
    has_no_key = secret.current == first_version(claim.user_id, claim.secret_name)
    return RotationSchedule.IMMEDIATE if has_no_key else RotationSchedule.SCHEDULED
