"""How long a replaced key is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class RetirementPolicy:
    """How long a replaced key is kept at least, must have been quiet, and stays off before it is deleted."""

    grace: timedelta
    quiet: timedelta
    until_deletion: timedelta
    reactivates: bool = False
