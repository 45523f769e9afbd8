"""The IAM tags by which a user is enrolled for rotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CONTACT_TAG = "access-key-remediator:contact"  # an e-mail address
SECRET_TAG = "access-key-remediator:secret"  # noqa: S105 -- the name of a tag
MODE_TAG = "access-key-remediator:rotation"
USER_ID_TAG = "access-key-remediator:user-id"  # on the secret; the other tags are on the user
OWN_TAGS = frozenset({CONTACT_TAG, SECRET_TAG, MODE_TAG})  # those on the user


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a user's tags claim, which proves nothing: users can often tag themselves."""

    user_name: str
    user_id: str
    secret_name: str  # the user's managed secret
    mode: str


def read_claim(user_name: str, user_id: str, tags: Mapping[str, str]) -> Claim | None:
    """None if the tags do not enrol the user. Names and values count as IAM has them, character by character:
    a policy that denies a tag compares them so too.
    """
    secret, mode = tags.get(SECRET_TAG, ""), tags.get(MODE_TAG, "")
    if not secret or not mode:
        return None
    return Claim(user_name=user_name, user_id=user_id, secret_name=secret, mode=mode)
