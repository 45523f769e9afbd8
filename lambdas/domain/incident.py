"""An incident: one key's trouble, from its first failure to quiet, and what is known of it so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lambdas.domain.cause import Cause
    from lambdas.domain.signal import Caller, Signal

MAX_CALLERS = 20


@dataclass(frozen=True, kw_only=True)
class Sightings:
    """All signals of one incident key in a batch; `signal` is the most telling of them, `count` the number
    of failed calls.
    """

    signal: Signal
    count: int
    first_seen: datetime
    last_seen: datetime
    callers: tuple[Caller, ...]

    @property
    def key(self) -> str:
        return self.signal.incident_key


@dataclass(frozen=True, kw_only=True)
class Incident:
    """What the incident table holds of an open incident. `announced` is the cause that machines were
    last told, `alerted` the one that people were; `rechecked` says that an unknown key was diagnosed twice;
    `predicted`, that it was opened before any call had failed; `judged_at` is when it was last diagnosed.
    """

    key: str
    opened_at: str
    count: int
    first_seen: datetime
    last_seen: datetime
    callers: tuple[Caller, ...]
    alerts_sent: int = 0
    announced: Cause | None = None
    alerted: Cause | None = None
    rechecked: bool = False
    predicted: bool = False
    judged_at: datetime | None = None

    @property
    def incident_id(self) -> str:
        return f"{self.key}/{self.opened_at}"


@dataclass(frozen=True, kw_only=True)
class Recheck:
    """An incident whose key was unknown, claimed to be diagnosed once more, with its first signal."""

    incident: Incident
    signal: Signal


@dataclass(frozen=True, kw_only=True)
class Noted:
    """The incident as it stands after counting. `needs_attention` is True for the one worker that is
    to diagnose it now and tell of it; every other has nothing more to do.
    """

    incident: Incident
    needs_attention: bool


def fold(signals: Sequence[Signal]) -> tuple[Sightings, ...]:
    """One Sightings a key, however many signals: a storm costs one write a key and batch."""
    by_key: dict[str, list[Signal]] = {}
    for signal in signals:
        by_key.setdefault(signal.incident_key, []).append(signal)
    return tuple(_sightings(of_one_key) for of_one_key in by_key.values())


def _sightings(signals: Sequence[Signal]) -> Sightings:
    failures = [signal for signal in signals if signal.switched_off is None]
    callers = Counter(signal.caller for signal in failures)
    return Sightings(
        signal=max(signals, key=lambda signal: (signal.reading, signal.occurred_at)),
        count=len(failures),
        first_seen=min(signal.occurred_at for signal in signals),
        last_seen=max(signal.occurred_at for signal in signals),
        callers=tuple(caller for caller, _ in callers.most_common(MAX_CALLERS)),
    )
