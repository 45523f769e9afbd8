"""Which callers of a key are listed with its incident: few, though a caller can change its user agent freely.

Two user agents of a source are listed, and the second ones leave room for sources that are seen later. All
other calls are counted by their source, or together if it is not listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from lambdas.aws.domain.iam import Caller

MAX_CALLERS = 20
MAX_AGENTS_OF_A_SOURCE = 2
_ROOM_FOR_SECOND_AGENTS = MAX_CALLERS // 2
OTHER_SOURCES = ""


def new_callers(seen: Iterable[Caller], listed: Collection[Caller]) -> tuple[Caller, ...]:
    """Those to list besides the listed ones, the first seen first."""
    new: list[Caller] = []
    sources = Counter(caller.source for caller in listed)
    for caller in dict.fromkeys(seen):
        room = _ROOM_FOR_SECOND_AGENTS if sources[caller.source] else MAX_CALLERS
        has_room = len(listed) + len(new) < room and sources[caller.source] < MAX_AGENTS_OF_A_SOURCE
        if has_room and caller not in listed:
            sources[caller.source] += 1
            new.append(caller)
    return tuple(new)


def calls_of_others(calls: Mapping[Caller, int], listed: Collection[Caller]) -> dict[str, int]:
    """How many of the calls are not by a listed caller, by source."""
    sources = {caller.source for caller in listed}
    others: Counter[str] = Counter()
    for caller, number in calls.items():
        if caller not in listed:
            others[caller.source if caller.source in sources else OTHER_SOURCES] += number
    return dict(others)


def one_of_each_source_first(callers: Sequence[Caller]) -> list[Caller]:
    """So that a source with several user agents hides no other."""
    first = {caller.source: caller for caller in reversed(callers)}
    return sorted(callers, key=lambda caller: first[caller.source] != caller)
