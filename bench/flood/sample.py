"""The measurements of a flood, compared with their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.figure import Figure
from bench.flood.scenario import ALERTS_AN_HOUR, QUIET_SECONDS, SECONDS_FOR_AN_ALERT
from bench.storm.checks import dollars_a_million

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.flood.scenario import Flood
    from bench.storm.sample import StormSample
    from local.inbox import Received

_HOUR = 3600
_CLOSED = "closed: "
NEVER = float("inf")


@dataclass(frozen=True, kw_only=True)
class FloodSample:
    flood: Flood
    storm: StormSample  # of the calls with unknown ids; without counts and alerts by key
    began: float  # on the monotonic clock
    alerts: tuple[Received, ...]
    acted_at: Mapping[str, float]  # when a known key was used or deactivated
    used: frozenset[str]  # those that were deactivated
    counted: int  # calls of all incidents but those of known keys
    incidents: int  # without those of known keys

    @property
    def about_unknown_ids(self) -> list[Received]:
        """Without closings, and without CloudWatch's alarms, which may go to the same topic."""
        alerts = [it for it in self.alerts if "cause" in it.attributes and not self._is_of_known_key(it)]
        return [it for it in alerts if _CLOSED not in it.subject]

    @property
    def most_in_an_hour(self) -> int:
        moments = [it.at for it in self.about_unknown_ids]
        return max((sum(at <= other < at + _HOUR for other in moments) for at in moments), default=0)

    @property
    def alert_seconds(self) -> list[float]:
        """From the call or the deactivation of each known key to its first alert."""
        return [self._seconds(key, closing=False) for key in self.acted_at]

    @property
    def closing_seconds(self) -> list[float]:
        """From the end of the quiet time, which begins no later than the alert, to the closing: of each known
        key that was called.
        """
        called = self.acted_at.keys() - self.used
        seconds = [(self._seconds(key, closing=True), self._seconds(key, closing=False)) for key in called]
        return [closed - alerted - QUIET_SECONDS for closed, alerted in seconds]

    @property
    def figures(self) -> tuple[Figure, ...]:
        storm, where = self.storm, f"flood of {self.flood.name}: "
        missing = storm.sent.keys() - storm.records.processed.keys()
        return tuple(
            Figure(where + what, measured, limit)
            for what, measured, limit in (
                ("alerts about unknown ids in an hour", self.most_in_an_hour, ALERTS_AN_HOUR),
                (
                    "seconds to an alert of a known key",
                    round(max(self.alert_seconds), 1),
                    SECONDS_FOR_AN_ALERT,
                ),
                ("seconds to a closing", round(max(self.closing_seconds), 1), SECONDS_FOR_AN_ALERT),
                ("calls lost", len(missing) + max(0, self.flood.ids - self.counted), 0),
                ("messages in the dead-letter queue", storm.dead, 0),
                ("messages left in the signal queue", storm.left, 0),
            )
        )

    @property
    def facts(self) -> dict[str, str]:
        storm = self.storm
        return {
            "alerts about unknown ids": f"{len(self.about_unknown_ids)}",
            "incidents of unknown ids": f"{self.incidents}",
            "calls counted": f"{self.counted:,}",
            "calls a second": f"{len(storm.sent) / storm.seconds:.0f}",
            "IAM look-ups": f"{self._calls('iam', 'GetAccessKeyLastUsed'):,}",
            "searches of CloudTrail's history": f"{self._calls('cloudtrail', 'LookupEvents'):,}",
            "dollars for a million such calls": f"{dollars_a_million(storm):.2f}",
        }

    def _seconds(self, key: str, *, closing: bool) -> float:
        at = [it.at for it in self.alerts if key in it.body and (_CLOSED in it.subject) is closing]
        return min(at, default=NEVER) - self.acted_at[key]

    def _is_of_known_key(self, alert: Received) -> bool:
        return any(key in alert.body for key in self.acted_at)

    def _calls(self, service: str, operation: str) -> int:
        return sum((it.service, it.operation) == (service, operation) for it in self.storm.records.calls)
