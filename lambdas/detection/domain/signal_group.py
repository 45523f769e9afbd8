"""Groups the signals of a batch by key, so that a burst of failures costs one write per key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.domain.iam import Caller
from lambdas.detection.domain.callers import new_callers
from lambdas.detection.domain.signal import Signal

MAX_REGIONS = 20


@dataclass(frozen=True, kw_only=True)
class SignalGroup:
    """All signals of one incident key in a batch."""

    signal: Signal  # the one with the most specific error; a state change only if there is nothing else
    count: int  # failed calls
    first_seen: datetime  # of the failed calls, or else of the signals
    last_seen: datetime
    callers: tuple[Caller, ...]  # those that an incident lists, the most frequent first
    calls: Mapping[Caller, int]  # of all callers
    regions: tuple[str, ...] = ()  # the most frequent first, at most MAX_REGIONS
    # The latest signal of a key that leaked, or was in use when it was deactivated or deleted.
    predicted_outage: Signal | None = None
    state_change: Signal | None = None  # the latest signal of another change

    @property
    def key(self) -> str:
        return self.signal.incident_key

    @property
    def is_state_change_only(self) -> bool:
        """Such a group opens no incident."""
        return self.signal.state_change is not None


def group_by_key(signals: Sequence[Signal]) -> tuple[SignalGroup, ...]:
    by_key: dict[str, list[Signal]] = {}
    for signal in signals:
        by_key.setdefault(signal.incident_key, []).append(signal)
    return tuple(map(_group, by_key.values()))


def _group(signals: Sequence[Signal]) -> SignalGroup:
    changes = [signal for signal in signals if signal.state_change]
    candidates = [signal for signal in signals if not signal.state_change] or changes
    failures = [signal for signal in signals if signal.is_failed_call]
    callers, regions = Counter[Caller](), Counter[str]()
    for signal in failures:
        callers[signal.caller] += signal.calls
        regions[signal.region] += signal.calls
    regions.pop("", None)
    return SignalGroup(
        signal=max(candidates, key=lambda signal: (signal.error_class, signal.occurred_at)),
        count=callers.total(),
        first_seen=min(signal.occurred_at for signal in failures or candidates),
        last_seen=max(signal.occurred_at for signal in failures or candidates),
        callers=new_callers((caller for caller, _ in callers.most_common()), ()),
        calls=callers,
        regions=tuple(region for region, _ in regions.most_common(MAX_REGIONS)),
        predicted_outage=_latest([signal for signal in signals if signal.predicted_outage]),
        state_change=_latest(changes),
    )


def _latest(signals: Sequence[Signal]) -> Signal | None:
    return max(signals, key=lambda signal: signal.occurred_at, default=None)
