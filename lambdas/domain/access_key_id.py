"""Access key ids: what they look like, and the account that is written in them."""

from __future__ import annotations

import base64
import re

_LOOKS_LIKE_AN_ID = re.compile(r"[A-Z0-9]{16,32}")
_PREFIX_LENGTH = 4
_ACCOUNT_BYTES = 6
_NEW_GENERATION = 0x80
_ACCOUNT_MASK = 0x7FFFFFFFFF80
_ACCOUNT_SHIFT = 7


def looks_like_an_id(text: str) -> bool:
    """True for what IAM's API takes as an id and what can be shown: a secret access key is longer
    and has lower case, so it never passes.
    """
    return _LOOKS_LIKE_AN_ID.fullmatch(text) is not None


def is_long_term(access_key_id: str) -> bool:
    return access_key_id.startswith("AKIA")


def is_temporary(access_key_id: str) -> bool:
    """STS issued it (IAM user guide, IAM identifiers, unique ids)."""
    return access_key_id.startswith("ASIA")


def decode_account(access_key_id: str) -> str | None:
    """The 12-digit account that the id names, or None where it names none.

    Ids of the new generation (top bit of the first of the base32 bytes) carry the account in the 40
    bits after it (aws-facts 4.1, verified there on seven ids). It says that the id is shaped like
    that account's, not that the key ever existed: an id has no checksum.
    """
    try:
        decoded = base64.b32decode(access_key_id[_PREFIX_LENGTH : _PREFIX_LENGTH + 16])
    except ValueError:
        return None
    if len(decoded) < _ACCOUNT_BYTES or not decoded[0] & _NEW_GENERATION:
        return None
    bits = int.from_bytes(decoded[:_ACCOUNT_BYTES], "big")
    return f"{(bits & _ACCOUNT_MASK) >> _ACCOUNT_SHIFT:012d}"
