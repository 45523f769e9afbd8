"""Access key ids: how they look, what is wrong with one that cannot be one, whose account is in them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

LENGTH = 20
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")  # base32 (aws-facts 4.1)
_ASKABLE = re.compile(r"[A-Z0-9]{16,32}")
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
    """Why a text cannot be an access key id. `position` counts characters from 1; 0 is the whole."""

    what: str
    position: int = 0


def looks_like_an_id(text: str) -> bool:
    """True for what IAM's API takes as an id and what can be shown: a secret access key is longer
    and has lower case, so it never passes.
    """
    return _ASKABLE.fullmatch(text) is not None


def is_long_term(access_key_id: str) -> bool:
    return access_key_id.startswith("AKIA")


def is_temporary(access_key_id: str) -> bool:
    """STS issued it (IAM user guide, IAM identifiers, unique ids)."""
    return access_key_id.startswith("ASIA")


def flaw_of(text: str) -> Flaw | None:
    """The first thing for which no access key id can look so, or None."""
    for position, character in enumerate(text, start=1):
        if character not in _ALPHABET:
            return Flaw(what=_name_of(character), position=position)
    prefix = text[:_PREFIX_LENGTH]
    if prefix in _OTHER_PREFIXES:
        return Flaw(what=f"it begins with {prefix}, which names {_OTHER_PREFIXES[prefix]}, not a key")
    if len(text) != LENGTH:
        return Flaw(what=f"it has {len(text)} characters instead of {LENGTH}")
    return None if prefix in _KEY_PREFIXES else Flaw(what="it begins with neither AKIA nor ASIA")


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


def _name_of(character: str) -> str:
    """A word for the character, never the character itself: it may be a part of a secret."""
    names = {" ": "a space", "\n": "a line break", "\r": "a line break", "\t": "a tab"}
    names |= dict.fromkeys("\"'`\u201c\u201d\u2018\u2019", "a quotation mark")
    names |= dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "an invisible character")
    if character in names:
        return names[character]
    if character.islower():
        return "a lower case letter"
    if character.isspace():
        return "white space"
    return "a digit that ids do not use" if character in "0189" else "a character that ids do not use"
