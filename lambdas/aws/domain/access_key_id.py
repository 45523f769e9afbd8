"""Access key ids: their format, what makes an id malformed, and the account that an id encodes."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

LENGTH = 20
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")  # base32 (aws-facts 4.1)
_API_FORMAT = re.compile(r"[A-Z0-9]{16,32}")
_PREFIX_LENGTH = 4
_ACCOUNT_BYTES = 6
_NEW_GENERATION = 0x80
_ACCOUNT_MASK = 0x7FFFFFFFFF80
_ACCOUNT_SHIFT = 7

_KEY_PREFIXES = frozenset({"AKIA", "ASIA"})
_OTHER_PREFIXES = {
    "ABIA": "a bearer token of STS",
    "ACCA": "a credential of one service",
    "AGPA": "a user group",
    "AIDA": "a user",
    "AIPA": "an instance profile",
    "ANPA": "a managed policy",
    "ANVA": "a version of a managed policy",
    "APKA": "a public key",
    "AROA": "a role",
    "ASCA": "a certificate",
}  # IAM user guide, IAM identifiers, unique ids (aws-facts 4.2)


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """Why a text cannot be an access key id."""

    what: str
    position: int = 0  # of the character, from 1; 0 for the whole text


def looks_like_an_id(text: str) -> bool:
    """True for a text that IAM's API accepts as an id and that is safe to show.

    A secret access key never passes: it is longer and has lower case letters.
    """
    return _API_FORMAT.fullmatch(text) is not None


def is_long_term(access_key_id: str) -> bool:
    return access_key_id.startswith("AKIA")


def is_temporary(access_key_id: str) -> bool:
    """True for a key that STS issued (IAM user guide, IAM identifiers, unique ids)."""
    return access_key_id.startswith("ASIA")


def find_flaw(text: str) -> Flaw | None:
    """The first flaw, or None if the text has the format of an access key id."""
    for position, character in enumerate(text, start=1):
        if character not in _ALPHABET:
            return Flaw(what=_describe(character), position=position)
    prefix = text[:_PREFIX_LENGTH]
    if prefix in _OTHER_PREFIXES:
        return Flaw(what=f"it begins with {prefix}, which names {_OTHER_PREFIXES[prefix]}, not a key")
    if len(text) != LENGTH:
        return Flaw(what=f"it has {len(text)} characters instead of {LENGTH}")
    return None if prefix in _KEY_PREFIXES else Flaw(what="it begins with neither AKIA nor ASIA")


def decode_account(access_key_id: str) -> str | None:
    """The 12-digit account that the id encodes, or None if it encodes none.

    New ids (top bit of the first base32 byte set) encode the account in the 40 bits after it (aws-facts 4.1,
    verified there on seven ids). An id has no checksum, so this does not prove that the key ever existed.
    """
    try:
        decoded = base64.b32decode(access_key_id[_PREFIX_LENGTH : _PREFIX_LENGTH + 16])
    except ValueError:
        return None
    if len(decoded) < _ACCOUNT_BYTES or not decoded[0] & _NEW_GENERATION:
        return None
    bits = int.from_bytes(decoded[:_ACCOUNT_BYTES], "big")
    return f"{(bits & _ACCOUNT_MASK) >> _ACCOUNT_SHIFT:012d}"


def _describe(character: str) -> str:
    """Describes the character without showing it: it may be part of a secret."""
    descriptions = {" ": "a space", "\n": "a line break", "\r": "a line break", "\t": "a tab"}
    descriptions |= dict.fromkeys("\"'`\u201c\u201d\u2018\u2019", "a quotation mark")
    descriptions |= dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "an invisible character")
    if character in descriptions:
        return descriptions[character]
    if character.islower():
        return "a lower case letter"
    if character.isspace():
        return "white space"
    return "a digit that ids do not use" if character in "0189" else "a character that ids do not use"
