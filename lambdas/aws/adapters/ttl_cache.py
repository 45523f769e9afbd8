"""A small cache of answers, which a warm function keeps between invocations."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_MAX_ENTRIES = 200


class TtlCache(Generic[T]):
    """Keeps each answer for `seconds`, the oldest are evicted first. Errors are not cached."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._answers: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def get(self, question: Hashable, ask: Callable[[], T]) -> T:
        until, answer = self._answers.get(question, (float("-inf"), None))
        if answer is not None and self._clock() < until:
            return answer
        answer = ask()
        self._answers.pop(question, None)
        self._answers[question] = (self._clock() + self._seconds, answer)
        while len(self._answers) > _MAX_ENTRIES:
            self._answers.popitem(last=False)
        return answer
