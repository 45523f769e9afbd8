"""When a replaced key is retired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class RetirementPolicy:
    grace: timedelta  # how long a replaced key stays active at least
    quiet: timedelta  # how long it must not have been used before it is deactivated
    until_deletion: timedelta  # how long it stays inactive before it is deleted
    reactivates: bool = False  # whether it is reactivated if calls with it fail
