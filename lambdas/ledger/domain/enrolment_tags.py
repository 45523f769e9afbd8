"""The IAM tags by which a user is enrolled for rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


# What the owner says of itself: whom to tell. The IAM console keeps a key's description as a tag whose
# name is the key's id (aws-facts 4.6).
CONTACT_TAG = "access-key-remediator:contact"

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
