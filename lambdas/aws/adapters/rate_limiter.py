"""Keeps requests apart, for services that allow few a second."""

from __future__ import annotations

from typing import Protocol


class Timer(Protocol):
    """As the module `time`: seconds of a clock that is never set, and waiting."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class RateLimiter:
    """At most one request in `seconds`."""

    def __init__(self, seconds: float, timer: Timer) -> None:
        self._seconds = seconds
        self._timer = timer
        self._next = float("-inf")

    def wait(self) -> None:
        """Returns when the next request may be made."""
        early = self._next - self._timer.monotonic()
        if early > 0:
            self._timer.sleep(early)
        self._next = self._timer.monotonic() + self._seconds
