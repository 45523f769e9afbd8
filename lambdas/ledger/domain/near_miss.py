"""Ids one slip apart: a wrong character, two swapped, one lost or one doubled.

Such a slip leaves an id's last three characters as they are, or the four at positions 13 to 16: it
cannot reach both, because one character lies between them. So a look-up by these two parts finds every
near miss, however many keys the ledger has. (The characters before them are much the same for all keys of
an account: they encode it.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_LENGTH = 20
_MIDDLE = slice(12, 16)
_TAIL = slice(-3, None)
_SHOWN = 4


def tail_of(text: str) -> str:
    return text[_TAIL]


def middle_of(text: str) -> str:
    return text[_MIDDLE]


def could_be_mistyped(text: str) -> bool:
    """No other length is one slip away from an id's."""
    return abs(len(text) - _LENGTH) <= 1


def single_near_miss(text: str, ids: Collection[str]) -> str:
    """The one of these ids that is one slip away; empty when none or several are, or the text is one."""
    near = [other for other in ids if is_one_typo_apart(text, other)]
    return near[0] if len(near) == 1 and text not in ids else ""


def is_one_typo_apart(text: str, other: str) -> bool:
    if len(text) == len(other):
        return _is_swapped_or_wrong(text, other)
    return _lacks_one(text, other) or _doubles_one(text, other)


def masked(access_key_id: str) -> str:
    return f"{access_key_id[:_SHOWN]}...{access_key_id[-_SHOWN:]}"


def _is_swapped_or_wrong(text: str, other: str) -> bool:
    wrong = [place for place, (a, b) in enumerate(zip(text, other, strict=True)) if a != b]
    if len(wrong) == 1:
        return True
    first, last = wrong[:1], wrong[-1:]
    if len(wrong) != 2 or last[0] != first[0] + 1:  # noqa: PLR2004 -- two neighbours
        return False
    return text[first[0]] == other[last[0]] and text[last[0]] == other[first[0]]


def _lacks_one(text: str, other: str) -> bool:
    return any(text == other[:place] + other[place + 1 :] for place in range(len(other)))


def _doubles_one(text: str, other: str) -> bool:
    return any(text == other[: place + 1] + other[place:] for place in range(len(other)))
