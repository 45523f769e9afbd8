"""A sync of the ledger with IAM, which may take several runs of its function."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Phase(StrEnum):
    """All users and their keys are listed, then last uses asked, then what was not listed is looked for."""

    USERS = "users"
    USES = "uses"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class SyncRun:
    """`marker` is where IAM's list of users goes on, empty at its begin. `runs` counts invocations."""

    started_at: datetime
    phase: Phase = Phase.USERS
    marker: str = ""
    runs: int = 1
