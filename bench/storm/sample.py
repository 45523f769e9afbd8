"""The measurements of a storm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bench.storm.records import COUNTING, OPENING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.events.refused_call import RefusedCall
    from bench.storm.log import Log
    from bench.storm.records import Records
    from bench.storm.scenario import Storm


@dataclass(frozen=True, kw_only=True)
class StormSample:
    storm: Storm
    sent: Mapping[str, RefusedCall]  # by message id
    records: Records
    log: Log
    counts: Counter[str]  # of the incidents, by key
    alerts: Counter[str]  # by key
    item_bytes: Mapping[str, int]  # sizes of the incidents
    dead: int  # messages in the dead-letter queue at the end
    left: int  # messages in the signal queue at the end
    seconds: float  # from the first message sent to the last one processed

    @cached_property
    def keys(self) -> set[str]:
        return {call.access_key_id for call in self.sent.values()}

    @cached_property
    def keys_of_batches(self) -> int:
        """The sum of the numbers of keys in each batch."""
        return sum(len({self._key(message) for message in batch}) for batch in self.records.batches)

    @cached_property
    def processed(self) -> Counter[str]:
        """Processed events by key, including repeated ones."""
        return self._by_key(self.records.processed)

    @cached_property
    def returned(self) -> Counter[str]:
        """Deliveries by key that were returned to the queue."""
        return self._by_key(self.records.deliveries - self.records.processed)

    @property
    def counted_twice(self) -> int:
        return self.counts.total() - len(self.sent)

    @property
    def redelivered(self) -> int:
        """Messages that were delivered again after being processed."""
        return self.records.processed.total() - len(self.records.processed)

    @property
    def lost(self) -> int:
        """Events that were not processed, or processed but not counted."""
        never = self.sent.keys() - self.records.processed.keys()
        return len(never) + (self.processed - self.counts).total()

    @property
    def unexplained(self) -> int:
        """Events that were counted but not processed: what is returned to the queue must not be counted."""
        return (self.counts - self.processed).total()

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

    def _by_key(self, messages: Mapping[str, int]) -> Counter[str]:
        of_keys: Counter[str] = Counter()
        for message, times in messages.items():
            of_keys[self._key(message)] += times
        return of_keys

    def _key(self, message: str) -> str:
        return self.sent[message].access_key_id
