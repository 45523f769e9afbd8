"""Near misses: ids that differ by one typo (a wrong, missing or doubled character, two swapped neighbours).

Such a typo leaves the last three characters of an id unchanged (its tail), or the four at positions 13 to 16
(its middle): it cannot reach both, because one character lies between them. So two queries find every near
miss, however many keys the ledger has. (The characters before encode the account, so all keys of an account
share most of them.)
"""

from __future__ import annotations

from collections.abc import Collection

from lambdas.aws.domain.access_key_id import LENGTH

_MIDDLE = slice(12, 16)
_TAIL = slice(-3, None)
_UNMASKED = 4  # characters at each end


def tail(text: str) -> str:
    return text[_TAIL]


def middle(text: str) -> str:
    return text[_MIDDLE]


def could_be_mistyped(text: str) -> bool:
    """A text of another length differs from every id by more than one typo."""
    return abs(len(text) - LENGTH) <= 1


def single_near_miss(text: str, ids: Collection[str]) -> str:
    """The only id that differs by one typo. Empty if there is none, or if the text itself is an id."""
    near = [other for other in ids if is_one_typo_apart(text, other)]
    return near[0] if len(near) == 1 and text not in ids else ""


def is_one_typo_apart(text: str, other: str) -> bool:
    if len(text) == len(other):
        return _is_swapped_or_wrong(text, other)
    return _lacks_one(text, other) or _doubles_one(text, other)


def masked(access_key_id: str) -> str:
    return f"{access_key_id[:_UNMASKED]}...{access_key_id[-_UNMASKED:]}"


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
