"""SignalGroup: what a batch of signals says of one key, folded, so that a storm costs one write a key."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lambdas.aws.domain.iam import Caller
    from lambdas.detection.domain.signal import Signal


@dataclass(frozen=True, kw_only=True)
class SignalGroup:
    """All signals of one incident key in a batch; `signal` is the most telling of them, `count` the number of
    failed calls, and the times are theirs, if there are any. `switched_off` is the latest signal that the key
    was taken out of service, `changed` the latest of another change of it; a change alone opens no incident.
    """

    signal: Signal
    count: int
    first_seen: datetime
    last_seen: datetime
    callers: tuple[Caller, ...]
    regions: tuple[str, ...] = ()
    switched_off: Signal | None = None
    changed: Signal | None = None

    @property
    def key(self) -> str:
        return self.signal.incident_key

    @property
    def is_a_change_alone(self) -> bool:
        return self.signal.changed is not None


def fold(signals: Sequence[Signal]) -> tuple[SignalGroup, ...]:
    """One SignalGroup a key, however many signals."""
    by_key: dict[str, list[Signal]] = {}
    for signal in signals:
        by_key.setdefault(signal.incident_key, []).append(signal)
    return tuple(_sightings(of_one_key) for of_one_key in by_key.values())


def _sightings(signals: Sequence[Signal]) -> SignalGroup:
    changes = [signal for signal in signals if signal.changed]
    telling = [signal for signal in signals if not signal.changed] or changes
    failures = [signal for signal in signals if signal.is_a_failed_call]
    callers = Counter(signal.caller for signal in failures)
    regions = Counter(signal.region for signal in failures if signal.region)
    return SignalGroup(
        signal=max(telling, key=lambda signal: (signal.reading, signal.occurred_at)),
        count=len(failures),
        first_seen=min(signal.occurred_at for signal in failures or telling),
        last_seen=max(signal.occurred_at for signal in failures or telling),
        callers=tuple(caller for caller, _ in callers.most_common(MAX_CALLERS)),
        regions=tuple(region for region, _ in regions.most_common(MAX_REGIONS)),
        switched_off=_latest([signal for signal in signals if signal.switched_off]),
        changed=_latest(changes),
    )


def _latest(signals: Sequence[Signal]) -> Signal | None:
    return max(signals, key=lambda signal: signal.occurred_at, default=None)


MAX_CALLERS = 20

MAX_REGIONS = 20
