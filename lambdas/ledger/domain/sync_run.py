"""One sync of the ledger with IAM, which may take several invocations of the function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """The phases in their order."""

    USERS = "users"  # list all users and their keys
    USES = "uses"  # read the last use of each key
    GONE = "gone"  # find users and keys that were not listed


@dataclass(frozen=True, kw_only=True)
class SyncRun:
    started_at: datetime
    phase: Phase = Phase.USERS
    marker: str = ""  # of the next page of IAM's list of users; empty at the start
    runs: int = 1  # invocations so far
