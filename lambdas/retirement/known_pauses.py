"""How long a replaced key was ever unused between two uses, by the ledger and CloudTrail's event history.

The ledger has what the daily readings of last uses show; CloudTrail the times of single calls, for 90 days
and without data events. Neither can have a key retired earlier than without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from lambdas.aws.domain.iam import LastUse
from lambdas.aws.ports import TrailHistory
from lambdas.ledger.ports import ReadKeys


@dataclass(kw_only=True, eq=False, repr=False)
class KnownPauses:
    ledger: ReadKeys
    trail: TrailHistory

    def longest_of(self, access_key_id: str, last_use: LastUse | None) -> timedelta:
        """Raises TransientError if one of the two cannot be read: the key may be used again."""
        entry = self.ledger.key(access_key_id)
        read = timedelta(seconds=entry.longest_pause_seconds if entry else 0)
        times = self.trail.use_times(access_key_id, [last_use.region] if last_use else [])
        pauses = (later - earlier for earlier, later in pairwise(sorted(times)))
        return max(read, *pauses, timedelta())
