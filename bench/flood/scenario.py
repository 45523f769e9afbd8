"""The flood and its limits."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.incidents.domain.unknown_ids import MAX_ALERTS

ALERTS_AN_HOUR = MAX_ALERTS
SECONDS_FOR_AN_ALERT = 120
QUIET_SECONDS = 60  # instead of 6 hours, so that incidents close during the flood


@dataclass(frozen=True, kw_only=True)
class Flood:
    """Calls with ids that are all different: one in two names another account, from several sources."""

    ids: int = 100_000
    sources: int = 50
    known_keys: int = 10  # inactive keys, one call each during the flood
    predictions: int = 5  # keys in use that are deactivated during the flood

    @property
    def name(self) -> str:
        return f"{self.ids:,} ids from {self.sources} sources"


FLOOD = Flood()
