"""Texts that look like a secret access key or a session token, which must never be shown or kept."""

from __future__ import annotations

import re
from itertools import pairwise

# A secret access key has 40 characters of base64, a session token hundreds; a run of 30 that mixes
# cases is one of them, perhaps cut. No id has lower case.
REMOVED = "(removed)"
_SECRET_RUN = re.compile(r"[A-Za-z0-9+/=]{30,}")

# The same where an id belongs, however it was wrapped, quoted or encoded for a URL. What may stand beside
# it and is none is an id, or a UUID; without them the names of variables are too short to look like one.
_BETWEEN_PIECES = re.compile(r"[\s\"'`,\\\u201c\u201d\u2018\u2019\u200b-\u200f\u2060\ufeff\u00ad\x00-\x1f]+")
_NO_SECRET = re.compile(
    r"A[A-Z]{3}[A-Z0-9]{16}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII
)
_ENCODED_RUN = re.compile(r"[A-Za-z0-9+/_%-]{30,}")
_LONGEST_MEAN_WORD = 4  # random text changes its kind of character every other place


def may_hold_a_secret(text: str) -> bool:
    """For what was sent as an id: also a secret that is wrapped, in pieces, or beside an id."""
    if any(_mixes_cases(run) for run in _SECRET_RUN.findall(text)):
        return True
    joined = _NO_SECRET.sub(" ", _BETWEEN_PIECES.sub("", text))
    return any(_is_random(run) for run in _ENCODED_RUN.findall(joined))


def without_secrets(text: str) -> str:
    """For the other fields of a record: what looks like a secret in them is taken out."""
    return _SECRET_RUN.sub(lambda run: REMOVED if _is_random(run[0]) else run[0], text)


def _is_random(run: str) -> bool:
    """Names of API operations, roles and variables are long and mix cases and digits too, but change
    seldom from one kind of character to another.
    """
    if not _mixes_cases(run) or not any(character.isdigit() for character in run):
        return False
    changes = sum(_kind(one) != _kind(other) for one, other in pairwise(run) if (one + other).isalnum())
    return changes * _LONGEST_MEAN_WORD > len(run)


def _kind(character: str) -> tuple[bool, bool]:
    return character.isdigit(), character.isupper()


def _mixes_cases(run: str) -> bool:
    return run.upper() != run and run.lower() != run
