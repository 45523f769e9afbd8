"""Whether a user and a managed secret belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.rotation.domain.rotation_state import RotationState


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
