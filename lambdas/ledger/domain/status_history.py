"""Since when a key has had its status: a record that sets it again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile

from lambdas.aws.domain.iam import ACTIVE
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed


def was_inactive_before(entry: KeyEntry, at: datetime) -> bool:
    """Whether the key did not work just before `at`. If it was used since the last observation, the record of
    a reactivation was lost.
    """
    last = next((status for status in _newest_first(entry) if status.at < at), None)
    if last is None or last.value == ACTIVE:
        return False
    return entry.last_use is None or entry.last_use.at <= last.at


def inactive_since(entry: KeyEntry) -> datetime | None:
    """None for an active key. A listing shows only that the key was inactive then: it has been so since its
    last use, as far as anybody knows.
    """
    inactive = [*takewhile(lambda status: status.value != ACTIVE, _newest_first(entry))]
    if not inactive:
        return None
    first = inactive[-1]
    if first.by or entry.last_use is None:
        return first.at
    return min(first.at, entry.last_use.at)


def _newest_first(entry: KeyEntry) -> Iterable[Observed[str]]:
    """The status that IAM confirmed comes before the records of the same second."""
    observed = {*entry.statuses, *filter(None, (entry.recorded_status, entry.listed_status))}
    return sorted(observed, key=lambda status: (*status.rank, status.value), reverse=True)
