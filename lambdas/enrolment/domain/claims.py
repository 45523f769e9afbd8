"""Decides a user's claim on a managed secret: what is missing is created, or the claim is refused.

A claim may be processed any number of times: if everything is in place, there is nothing to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lambdas.enrolment.domain.own_user_policy import Access, PolicyFound, access_wanted
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim
from lambdas.rotation.domain.binding import binding_violation, control_violation, encryption_violation
from lambdas.rotation.domain.modes import Mode, parse_mode, smaller
from lambdas.rotation.domain.rotation_context import BUDGET_SPENT, KILL_SWITCH_ON
from lambdas.rotation.domain.secret_description import CURRENT, SecretDescription
from lambdas.text import is_secret_name, sanitize_secret_name

_ARN_PARTS = len(["arn", "aws", "lambda", "us-east-1", "123456789012", "function", "name"])


@dataclass(frozen=True, kw_only=True)
class ClaimRequest:
    """That the claim of a user is to be processed."""

    user_name: str
    previous_secret: str = ""  # one that the user may have claimed before
    changed_by: str = ""  # the principal that changed the user's tags; empty if no record names one


@dataclass(frozen=True, kw_only=True)
class EnrolmentSettings:
    prefix: str  # of the names of all managed secrets
    function: str  # ARN of the rotation function
    schedule_days: int
    users_read: bool = False  # a user may read its own secret
    key_arn: str = ""  # of the KMS key that encrypts a new secret
    other_key_arns: tuple[str, ...] = ()  # those that may encrypt an adopted secret besides
    users_arn: str = ""  # the ARN of every user without its path and name
    tags: Mapping[str, str] = field(default_factory=dict)  # of a new secret, in addition to its owner

    @property
    def key_arns(self) -> tuple[str, ...]:
        return (self.key_arn, *self.other_key_arns)


@dataclass(frozen=True, kw_only=True)
class ClaimContext:
    secret: SecretDescription | None  # None if there is no secret of the name
    quarantine_policy: str
    deployment_mode: Mode
    stopped: bool  # by the kill switch
    policy: PolicyFound | None = None  # None if users do not read their own secrets
    is_borrowing: bool = False  # the secret contains another user's key, or is about to
    budget_spent: bool = False  # no more rotations are started in this hour
    function_is_gone: bool = False  # AWS Lambda has no function of the ARN in the secret
    reserved: str = ""  # the secret that was last created for the user, or adopted
    other_secret: str = ""  # the same, if it exists and the user claims one that does not
    others_read: bool = False  # the resource policy of a secret that is to be adopted lets somebody read it


@dataclass(frozen=True, kw_only=True)
class PreviousClaim:
    """A secret that a user may have claimed before."""

    secret: SecretDescription
    user_name: str
    user_id: str  # empty if the user is deleted
    bound_name: str  # the user that the secret was last bound to
    bound_id: str

    @property
    def was_its_own(self) -> bool:
        return self.bound_name == self.user_name and self.user_id in {"", self.bound_id}


class RotationSchedule(StrEnum):
    MANUAL = "by-hand"  # without a schedule
    SCHEDULED = "by-schedule"
    IMMEDIATE = "at-once"  # with a schedule and a first rotation
    DISABLED = "off"


class WaitReason(StrEnum):
    """Why a change is left to a later run, as a clause for people."""

    KILL_SWITCH = KILL_SWITCH_ON
    BUDGET = BUDGET_SPENT
    ROTATION_UNDER_WAY = "a rotation of the secret is under way"
    MODE = "no secret is created while the mode in effect is notify"
    EARLIER_SCHEDULE = "the secret has an earlier schedule, which is ended next"


@dataclass(frozen=True, kw_only=True)
class ClaimDecision:
    refusal: str = ""  # why the claim is refused; if it is granted, why a part of it is not
    is_granted: bool = False
    creates: bool = False
    schedule: RotationSchedule | None = None  # to be set
    access: Access | None = None  # to be changed
    waits_for: WaitReason | None = None  # the next sync, or the user's next tag, processes it again


def first_version(user_id: str, secret_name: str) -> str:
    """The version with which a secret is created, without a key: the same at every attempt. As long as it is
    AWSCURRENT, the secret has no key, which is known without reading it.
    """
    return hashlib.sha256(f"{user_id}/{secret_name}".encode()).hexdigest()


def name_violation(secret_name: str, prefix: str) -> str:
    """Why Secrets Manager is never asked about the name; empty if it may be."""
    if not secret_name.startswith(prefix):
        return f"the secret is not under {prefix}"
    if secret_name == prefix or not is_secret_name(secret_name):
        return "the name is not a valid secret name"
    return ""


def creation_violation(claim: Claim, other_secret: str = "") -> str:
    """Why no secret is created for the user; empty if one is. It bears the user's name, so that nobody takes
    the place of another user's secret. A rename of the user changes nothing.
    """
    if not is_secret_name(claim.user_name):
        return "no secret can have the user's name, so an administrator must create and bind one"
    if not _is_named_like_user(claim):
        return "a new secret must have the user's name after the last slash"
    if other_secret:
        return f"the user has the secret {sanitize_secret_name(other_secret)} already"
    return ""


def has_other_function(secret: SecretDescription, settings: EnrolmentSettings) -> bool:
    return secret.is_rotation_on and secret.function != settings.function


def function_to_look_up(secret: SecretDescription | None, settings: EnrolmentSettings) -> str:
    """The ARN, without version or alias, of another function that rotates the secret and may be gone; empty
    if there is none. Functions of other accounts cannot be looked up.
    """
    if secret is None or not has_other_function(secret, settings):
        return ""
    *home, name = secret.function.split(":")[:_ARN_PARTS]
    return ":".join([*home, name]) if home == settings.function.split(":")[:-1] else ""


def decide_claim(claim: Claim, context: ClaimContext, settings: EnrolmentSettings) -> ClaimDecision:
    violation = _violation(claim, context, settings)
    access = access_wanted(context.policy, is_refused=bool(violation) or context.is_borrowing)
    if violation:
        return ClaimDecision(refusal=violation, access=access)
    if context.secret is None and _effective_mode(claim, context) is Mode.NOTIFY:
        return ClaimDecision(refusal=_partial_refusal(claim, context), waits_for=WaitReason.MODE)
    schedule, waits_for = _schedule(claim, context, settings)
    if access is Access.GRANT and context.stopped:
        access, waits_for = None, WaitReason.KILL_SWITCH
    return ClaimDecision(
        refusal=_partial_refusal(claim, context),
        is_granted=True,
        creates=context.secret is None,
        schedule=schedule,
        access=access,
        waits_for=waits_for,
    )


def is_to_be_released(previous: PreviousClaim, settings: EnrolmentSettings) -> bool:
    """Whether the secret's schedule must end, because every rotation would be refused.

    Another user's secret is left alone. So is one whose rotation is under way: the next sync processes it.
    """
    secret = previous.secret
    is_still_bound = secret.tags.get(USER_ID_TAG) == previous.bound_id
    can_end = secret.is_scheduled and not secret.is_rotating and not secret.is_being_deleted
    return previous.was_its_own and is_still_bound and can_end and secret.function == settings.function


def _violation(claim: Claim, context: ClaimContext, settings: EnrolmentSettings) -> str:
    if violation := name_violation(claim.secret_name, settings.prefix):
        return (_is_named_like_user(claim) and creation_violation(claim)) or violation
    if context.quarantine_policy:
        return f"the user is quarantined by {context.quarantine_policy}"
    if context.secret is None:
        return creation_violation(claim, context.other_secret)
    return _secret_violation(claim, context.secret, context, settings)


def _secret_violation(
    claim: Claim, secret: SecretDescription, context: ClaimContext, settings: EnrolmentSettings
) -> str:
    is_others = has_other_function(secret, settings) and not context.function_is_gone
    return (
        ("the secret is scheduled for deletion" if secret.is_being_deleted else "")
        or binding_violation(claim, secret, settings.prefix)
        or control_violation(secret)
        or ("another function rotates the secret" if is_others else "")
        or encryption_violation(secret, settings.key_arns)
        or ("its resource policy lets others read the secret" if context.others_read else "")
    )


def _partial_refusal(claim: Claim, context: ClaimContext) -> str:
    if claim.mode not in set(Mode):
        return "the mode in the tag is unknown, so notify applies"
    if context.policy is PolicyFound.OTHER:
        return "the secret has a resource policy that somebody else wrote, so its user was not granted access"
    return ""


def _schedule(
    claim: Claim, context: ClaimContext, settings: EnrolmentSettings
) -> tuple[RotationSchedule | None, WaitReason | None]:
    """The schedule to be set, if it differs; and why that, or what follows, has to wait."""
    change = _schedule_change(claim, context, settings)
    if change and context.secret and context.secret.is_rotating:
        return None, WaitReason.ROTATION_UNDER_WAY
    if change in {RotationSchedule.IMMEDIATE, RotationSchedule.SCHEDULED} and context.stopped:
        return None, WaitReason.KILL_SWITCH
    if change is RotationSchedule.IMMEDIATE and context.budget_spent:
        return None, WaitReason.BUDGET
    if change is RotationSchedule.MANUAL and context.secret and context.secret.has_schedule:
        return change, WaitReason.EARLIER_SCHEDULE
    return change, None


def _schedule_change(
    claim: Claim, context: ClaimContext, settings: EnrolmentSettings
) -> RotationSchedule | None:
    first = first_version(claim.user_id, claim.secret_name)
    new = SecretDescription(name=claim.secret_name, labels={first: frozenset({CURRENT})})
    secret = context.secret or new
    if has_other_function(secret, settings):  # which is gone, or the claim would be refused
        secret = replace(secret, is_rotation_on=False)
    if _effective_mode(claim, context) is not Mode.AUTO:
        if secret.is_scheduled:
            return RotationSchedule.DISABLED
        return None if secret.function == settings.function else RotationSchedule.MANUAL
    has_schedule = secret.has_expression or secret.schedule_days == settings.schedule_days
    if secret.is_rotation_on and has_schedule:
        return None
    has_no_key = secret.labelled(CURRENT) == first
    return RotationSchedule.IMMEDIATE if has_no_key else RotationSchedule.SCHEDULED


def _effective_mode(claim: Claim, context: ClaimContext) -> Mode:
    return smaller(parse_mode(claim.mode), context.deployment_mode)


def _is_named_like_user(claim: Claim) -> bool:
    return claim.secret_name.rpartition("/")[2] == claim.user_name
