"""What was written down of fail overs: AWSCURRENT went back to an earlier key, or to a borrowed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Move:
    """The last fail over: under its token AWSCURRENT goes to a version with this key. It has gone there once
    the key is in service.
    """

    token: str
    access_key_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class BorrowedKey:
    """The key of another user, `lender`, that the secret carries, or is about to."""

    access_key_id: str
    lender: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class LentKey:
    """A key of this secret's own user that another secret, `borrower`, carries, or is about to."""

    access_key_id: str
    borrower: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class FailOverResult:
    """What came of a fail over: the key that works and that AWSCURRENT names, since when, and whose it is if
    it was lent. `moved` is False where it had named a key that works anyway.
    """

    access_key_id: str
    since: datetime
    lender: str = ""
    moved: bool = True
