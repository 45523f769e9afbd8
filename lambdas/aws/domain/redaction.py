"""Detects and removes text that looks like a secret access key or a session token."""

from __future__ import annotations

import re
from itertools import pairwise

# A secret access key has 40 characters of base64, a session token hundreds. A run of 30 that mixes cases is
# one of them, perhaps truncated. No id has lower case letters.
REMOVED = "(removed)"
_SECRET_RUN = re.compile(r"[A-Za-z0-9+/=]{30,}")

# The same in a field for an id, where the secret may be wrapped, quoted or URL-encoded. Ids and UUIDs are
# removed first; without them, names of variables are too short to look like a secret.
_SEPARATORS = re.compile(r"[\s\"'`,\\\u201c\u201d\u2018\u2019\u200b-\u200f\u2060\ufeff\u00ad\x00-\x1f]+")
_ID_OR_UUID = re.compile(
    r"A[A-Z]{3}[A-Z0-9]{16}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII
)
_ENCODED_RUN = re.compile(r"[A-Za-z0-9+/_%-]{30,}")
# What AWS quotes of a credential that it cannot split: the id, then date, region, service and terminator.
_QUOTED_CREDENTIAL = re.compile(r"got '([^']+?)(?:/[0-9]{8}(?:/[a-z0-9_-]*){0,3})?'")
_MAX_MEAN_WORD = 4  # random text changes its kind of character at every second place


def may_hold_a_secret(text: str) -> bool:
    """For a field that should hold an id. Finds a secret also if it is wrapped, split, or next to an id."""
    if any(_mixes_cases(run) for run in _SECRET_RUN.findall(text)):
        return True
    joined = _ID_OR_UUID.sub(" ", _SEPARATORS.sub("", text))
    return any(_is_random(run) for run in _ENCODED_RUN.findall(joined))


def secret_in_credential(message: str) -> str:
    """What was sent as the id, if the message quotes it and it may hold a secret; else empty."""
    quoted = _QUOTED_CREDENTIAL.search(message)
    return quoted[1] if quoted and may_hold_a_secret(quoted[1]) else ""


def without_secrets(text: str) -> str:
    """For any other field of a record: replaces what looks like a secret."""
    return _SECRET_RUN.sub(lambda run: REMOVED if _is_random(run[0]) else run[0], text)


def _is_random(run: str) -> bool:
    """Names of operations, roles and variables may be long and mix cases and digits too, but change less
    often from one kind of character to another.
    """
    if not _mixes_cases(run) or not any(character.isdigit() for character in run):
        return False
    changes = sum(_kind(one) != _kind(other) for one, other in pairwise(run) if (one + other).isalnum())
    return changes * _MAX_MEAN_WORD > len(run)


def _kind(character: str) -> tuple[bool, bool]:
    return character.isdigit(), character.isupper()


def _mixes_cases(run: str) -> bool:
    return run.upper() != run and run.lower() != run
