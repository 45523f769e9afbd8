"""Fail over: AWSCURRENT returns to an earlier key of its user, or moves to a key that another user lends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class FailOverIntent:
    """The last fail over of a secret, recorded before AWSCURRENT moves."""

    token: str
    access_key_id: str  # of the version that AWSCURRENT moves to
    at: datetime


@dataclass(frozen=True, kw_only=True)
class BorrowedKey:
    """Another user's key that the secret contains, or is about to."""

    access_key_id: str
    lender: str  # the name of the key's user
    since: datetime


@dataclass(frozen=True, kw_only=True)
class LentKey:
    """A key of this secret's user that another secret contains, or is about to."""

    access_key_id: str
    borrower: str  # the name of the other secret
    since: datetime


@dataclass(frozen=True, kw_only=True)
class FailOverResult:
    """The working key that AWSCURRENT names after a fail over."""

    access_key_id: str
    since: datetime
    lender: str = ""  # the user who lends the key; empty for a key of the secret's own user
    changed: bool = True  # False if AWSCURRENT named a working key before
