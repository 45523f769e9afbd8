"""Whether a user and a secret belong together: both sides have to say so.

The user's tags name its managed secret and its mode; the secret's tag holds the UserId, which only the
remediator or an administrator writes. A user may often tag itself, so its own tag alone claims nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.rotation.domain.rotation_state import RotationState

SECRET_TAG = "access-key-remediator:secret"  # noqa: S105 -- the name of a tag
MODE_TAG = "access-key-remediator:rotation"
USER_ID_TAG = "access-key-remediator:user-id"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a user says: which secret is its own, and how far the remediator may go."""

    user_name: str
    user_id: str
    secret_name: str
    mode: str


def claim_of(user_name: str, user_id: str, tags: Mapping[str, str]) -> Claim | None:
    """None for a user that is not enrolled."""
    secret, mode = tags.get(SECRET_TAG, ""), tags.get(MODE_TAG, "")
    if not secret or not mode:
        return None
    return Claim(user_name=user_name, user_id=user_id, secret_name=secret, mode=mode)


def present_name(said: str, state: RotationState, secret_tags: Mapping[str, str]) -> str:
    """The name of the user that a secret is bound to. The secret's own JSON (`said`) has the name of when it
    was written; enrolment renews the one in the state when the user is renamed, and the UserId stays.
    """
    is_of_state = state.user_name and state.user_id == secret_tags.get(USER_ID_TAG, "")
    return state.user_name if is_of_state else said


def flaw_of_binding(
    claim: Claim | None,
    *,
    secret_name: str,
    secret_tags: Mapping[str, str],
    prefix: str,
) -> str:
    """Why they do not belong together, as a clause for people; empty where they do. Of two users that claim
    one secret it is bound to one at most.
    """
    if claim is None:
        return "the user is not enrolled"
    if not secret_name.startswith(prefix):
        return f"the secret is not under {prefix}"
    if claim.secret_name != secret_name:
        return "the user names another secret"
    bound_to = secret_tags.get(USER_ID_TAG, "")
    if not bound_to:
        return "the secret names no user"
    if bound_to != claim.user_id:
        return "the secret is bound to another user, or to an earlier one of the same name"
    return ""
