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

    @property
    def lacks_decisive(self) -> bool:
        return any(one.is_decisive for one in self.unread)

    def decisive(self, source: Source, read: Callable[[], T], unknown: D) -> T | D:
        """What it says could change the cause, so it is waited for. `unknown` if nobody waits any more."""
        return self._read(source, read, unknown, is_decisive=True)

    def other(self, source: Source, read: Callable[[], T], unknown: D) -> T | D:
        """What it says only adds to an alert, which does not wait for it."""
        return self._read(source, read, unknown, is_decisive=False)

    def _read(self, source: Source, read: Callable[[], T], unknown: D, *, is_decisive: bool) -> T | D:
        try:
            return read()
        except TransientError as error:
            if is_decisive and self.may_wait:
                raise
            is_fault = not isinstance(error, BusyError)
            self.unread.append(
                Unread(source=source, error=str(error), is_fault=is_fault, is_decisive=is_decisive)
            )
            return unknown
