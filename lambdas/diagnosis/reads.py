"""Reads sources that may fail, and records what could not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from lambdas.diagnosis.domain.unread import Source, Unread
from lambdas.errors import BusyError, TransientError

T = TypeVar("T")
D = TypeVar("D")


@dataclass(kw_only=True, eq=False, repr=False)
class Reads:
    """Of one gathering. `may_wait`: it is repeated later if it fails."""

    may_wait: bool = True
    unread: list[Unread] = field(default_factory=list)

    def decisive(self, source: Source, read: Callable[[], T], unknown: D) -> T | D:
        """What it says could change the cause, so it is waited for. `unknown` if nobody waits any more."""
        return self._read(source, read, unknown, may_wait=self.may_wait)

    def other(self, source: Source, read: Callable[[], T], unknown: D) -> T | D:
        """What it says only adds to an alert, which does not wait for it."""
        return self._read(source, read, unknown, may_wait=False)

    def _read(self, source: Source, read: Callable[[], T], unknown: D, *, may_wait: bool) -> T | D:
        try:
            return read()
        except TransientError as error:
            if may_wait:
                raise
            is_fault = not isinstance(error, BusyError)
            self.unread.append(Unread(source=source, error=str(error), is_fault=is_fault))
            return unknown
