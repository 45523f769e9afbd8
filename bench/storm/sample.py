"""What was measured of a storm, held against what it may cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bench.storm.cost import cost_lines
from bench.storm.records import COUNTING, OPENING
from bench.storm.scenario import (
    ALERTS_OF_A_KEY,
    BATCH_SECONDS,
    DOLLARS_A_MILLION,
    OTHER_WRITES_OF_A_KEY,
    RECEIVES,
)
from bench.verdict import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.refused_call import RefusedCall
    from bench.storm.cost import CostLine
    from bench.storm.log import Log
    from bench.storm.records import Records
    from bench.storm.scenario import Storm


@dataclass(frozen=True, kw_only=True)
class StormSample:
    """`sent` is each call by the id of its message, `counts` and `alerts` are those of each key, `item_bytes`
    the sizes of the incidents. `dead` and `left` are the messages in the dead-letter queue and the signal
    queue at the end; `seconds` passed from the first message sent to the last worked off.
    """

    storm: Storm
    sent: Mapping[str, RefusedCall]
    records: Records
    log: Log
    counts: Counter[str]
    alerts: Counter[str]
    item_bytes: Mapping[str, int]
    dead: int
    left: int
    seconds: float

    @cached_property
    def keys(self) -> set[str]:
        return {call.access_key_id for call in self.sent.values()}

    @cached_property
    def keys_of_batches(self) -> int:
        """How many keys each batch had, summed up."""
        return sum(len({self._key(message) for message in batch}) for batch in self.records.batches)

    @cached_property
    def worked_off(self) -> Counter[str]:
        """How many events of each key, those that came again included."""
        return self._by_key(self.records.worked_off)

    @cached_property
    def put_back(self) -> Counter[str]:
        """Deliveries of each key after which the message was to come again."""
        return self._by_key(self.records.deliveries - self.records.worked_off)

    @property
    def counted_twice(self) -> int:
        return self.counts.total() - len(self.sent)

    @property
    def came_again(self) -> int:
        """Messages that had been worked off before."""
        return self.records.worked_off.total() - len(self.records.worked_off)

    @property
    def lost(self) -> int:
        """Events that nobody worked off, or that were worked off and not counted."""
        never = self.sent.keys() - self.records.worked_off.keys()
        return len(never) + (self.worked_off - self.counts).total()

    @property
    def unexplained(self) -> int:
        """Counted, though not worked off: what is put back in these storms was not counted before."""
        return (self.counts - self.worked_off).total()

    @property
    def counting_writes(self) -> int:
        writes = self.records.writes()
        return writes[COUNTING] + writes[OPENING]

    @property
    def longest(self) -> float:
        return max(self.log.milliseconds) / 1000

    @property
    def events_a_second(self) -> float:
        return len(self.sent) / self.seconds

    @cached_property
    def costs(self) -> list[CostLine]:
        return cost_lines(self)

    @property
    def dollars(self) -> float:
        """Of a million events."""
        return sum(line.dollars for line in self.costs)

    @property
    def figures(self) -> tuple[Figure, ...]:
        where = f"storm of {self.storm.name}: "
        return tuple(
            Figure(where + what, measured, limit)
            for what, measured, limit in (
                ("writes that count, for keys of batches", self.counting_writes, self.keys_of_batches),
                ("other writes of a key", max(self.records.other_writes().values()), OTHER_WRITES_OF_A_KEY),
                ("alerts of a key", max(self.alerts.values()), ALERTS_OF_A_KEY),
                ("keys without an alert", len(self.keys - self.alerts.keys()), 0),
                ("events lost", self.lost, 0),
                ("events counted without reason", self.unexplained, 0),
                ("messages in the dead-letter queue", self.dead, 0),
                ("messages left in the signal queue", self.left, 0),
                ("most deliveries of a message", max(self.records.deliveries.values()), RECEIVES),
                ("seconds of the longest batch", round(self.longest, 2), BATCH_SECONDS),
                *self._figures_of_a_fast_storm(),
            )
        )

    def _figures_of_a_fast_storm(self) -> list[tuple[str, float, float]]:
        if self.storm.call_seconds:
            return []  # what it takes is what was chosen
        return [
            ("dollars for a million events", round(self.dollars, 4), DOLLARS_A_MILLION),
        ]

    def _by_key(self, messages: Mapping[str, int]) -> Counter[str]:
        of_keys: Counter[str] = Counter()
        for message, times in messages.items():
            of_keys[self._key(message)] += times
        return of_keys

    def _key(self, message: str) -> str:
        return self.sent[message].access_key_id
