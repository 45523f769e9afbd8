"""Limits the rate of requests, for services that allow few a second."""

from __future__ import annotations

from typing import Protocol


class Timer(Protocol):
    """The two functions of the module `time` that a RateLimiter needs."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class RateLimiter:
    """Allows one request every `seconds`."""

    def __init__(self, seconds: float, timer: Timer) -> None:
        self._seconds = seconds
        self._timer = timer
        self._next = float("-inf")

    def wait(self) -> None:
        """Returns when the next request is allowed."""
        early = self._next - self._timer.monotonic()
        if early > 0:
            self._timer.sleep(early)
        self._next = self._timer.monotonic() + self._seconds
