"""Notifications about a user's claim: it is refused, or the user is enrolled no longer.

Each is sent once, and of similar refusals one a day: a user may tag itself at will.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from lambdas.aws.domain.iam import IamUser
from lambdas.aws.domain.redaction import without_secrets
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, Claim, own_tag
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.text import sanitize, sanitize_name, sanitize_secret_name


def incomplete_claim(user: IamUser, former_secret: str) -> Claim:
    """As far as the user's tags name it, in whichever spelling."""
    tags = {own_tag(name): value for name, value in user.tags.items()}
    secret_name = tags.get(SECRET_TAG, "") or former_secret
    mode = tags.get(MODE_TAG, "")
    return Claim(user_name=user.name, user_id=user.user_id, secret_name=secret_name, mode=mode)


def claim_refused(claim: Claim, reason: str, at: datetime, facts: tuple[str, ...]) -> Notification:
    """`claim` may lack its secret or its mode."""
    similar_ones_of_the_day = _id("claim-refused", claim.user_id, reason, f"{at:%Y-%m-%d}")
    return Notification(
        notification_id=_id("claim-refused", claim.secret_name, claim.user_id, claim.mode, reason),
        unless_sent=similar_ones_of_the_day,
        counts_as=similar_ones_of_the_day,
        kind=NotificationKind.CLAIM_REFUSED,
        at=at,
        secret_name=_secret_name(claim),
        user_name=claim.user_name,
        reason=reason,
        facts=facts,
    )


def enrolment_ended(claim: Claim, at: datetime, facts: tuple[str, ...]) -> Notification:
    """`claim` is the former one, with the mode that enrols the user again."""
    return Notification(
        notification_id=_id("enrolment-ended", claim.secret_name, claim.user_id, f"{at:%Y-%m-%d}"),
        kind=NotificationKind.ENROLMENT_ENDED,
        at=at,
        secret_name=_secret_name(claim),
        user_name=claim.user_name,
        mode=claim.mode,
        facts=facts,
    )


def claimed_secret(claim: Claim) -> str:
    user = f"{sanitize_name(claim.user_name)} (UserId {claim.user_id})"
    return (
        f"{user} claims the secret {_secret_name(claim)}."
        if claim.secret_name
        else f"{user} names no secret."
    )


def bound_user(user_id: str, known_name: str) -> str:
    """`known_name` is empty if the rotation state is of another user."""
    name = f", {sanitize_name(known_name)}" if known_name else ""
    return f"The secret is bound to the UserId {sanitize(user_id, 128)}{name}."


def who_changed_the_tags(changed_by: str) -> tuple[str, ...]:
    """Lines about an enrolment that has ended. `changed_by` is empty if no record names anybody."""
    who = (
        f"{sanitize(changed_by, 256)} changed the tags."
        if changed_by
        else "No record says who changed the tags: see TagUser and UntagUser in CloudTrail's event history."
    )
    return (who, "A tool that manages the user's tags, such as Terraform, must set both tags or ignore them.")


def no_longer_rotated(secret_name: str) -> str:
    return f"The user's enrolment with {sanitize_secret_name(secret_name)} has ended."


def _secret_name(claim: Claim) -> str:
    return sanitize(without_secrets(claim.secret_name), 256) if claim.secret_name else ""


def _id(kind: str, *fact: str) -> str:
    digest = hashlib.sha256("\n".join(fact).encode()).hexdigest()
    return f"{kind}:{digest[:32]}"
