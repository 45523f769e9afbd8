"""Counts signals on the key's open incident, or opens one.

Opening takes a short lease in the same transaction, because two workers that both find no open incident would
otherwise each open one, and alert twice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable, is_lost_race
from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.times import iso
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import SignalGroup
from lambdas.errors import BusyError
from lambdas.incidents.adapters.incident_claims import (
    CLAIM_SECONDS,
    FOLLOW_UP,
    OPERATION,
    PERMANENT_ERRORS,
    IncidentClaims,
    item_key,
)
from lambdas.incidents.adapters.incident_growth import add_callers_and_regions
from lambdas.incidents.adapters.incident_items import new_item, to_incident
from lambdas.incidents.domain.incident import IncidentRef, RecordedSignals
from lambdas.incidents.domain.reevaluation import signal_to_evaluate

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

OPENING_PREFIX = "open:"  # of the leases' names; the permissions name it
_MAX_REMEMBERED = 1000
_CLOSING_SECONDS = 24 * 60 * 60  # how late the timer may report a closing


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """How long incidents are open, and kept; all results are in epoch seconds."""

    quiet: timedelta  # an incident closes after this time without a failure
    prediction_window: timedelta  # and a predicted one, that has no failure yet, after this time
    retention: timedelta

    def open_until(self, now: int, *, is_predicted: bool) -> int:
        wait = max(self.quiet, self.prediction_window) if is_predicted else self.quiet
        return now + int(wait.total_seconds())

    def expires_at(self, now: int, open_until: int) -> int:
        """Not before the closing has been reported."""
        return max(now + int(self.retention.total_seconds()), open_until + _CLOSING_SECONDS)


@dataclass(kw_only=True, eq=False, repr=False)
class IncidentRecorder:
    """While warm it remembers when incidents were opened, which saves a repeat the query: the condition of
    the write decides whether that still holds.
    """

    clients: Clients
    incidents: ItemTable
    leases: ItemTable
    claims: IncidentClaims
    lifetime: Lifetime
    clock: Callable[[], datetime]
    _remembered: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict)
    _newest: dict[str, dict[str, Any] | None] = field(default_factory=dict)  # as `is_open` has just read it

    def record(self, group: SignalGroup) -> RecordedSignals:
        with aws_errors(OPERATION, permanent=PERMANENT_ERRORS):
            counted = self._count_remembered(group)
            if counted is None:
                newest = self._read_newest(group.key)
                counted = self._count(group, newest) if newest else None
                opened = self._open(group, newest) if counted is None else None
                if opened is not None:
                    return RecordedSignals(incident=to_incident(opened), signal=group.signal)
            counted = counted or self._count_concurrent(group)
            item = add_callers_and_regions(self.incidents, counted, group)
            signal = signal_to_evaluate(to_incident(item), group, self.clock())
            claimed = self._claim_or_defer(item, signal) if signal else None
            return RecordedSignals(incident=to_incident(claimed or item), signal=signal if claimed else None)

    def remembers(self, key: str) -> bool:
        remembered = self._remembered.get(key)
        return remembered is not None and int(remembered["openUntil"]) > self._seconds()

    def are_open(self, keys: Collection[str], readers: Executor) -> frozenset[str]:
        """Saves the next record of each key the query: the lease of an incident that another worker opens
        meanwhile outlives the batch.
        """
        with aws_errors(OPERATION):
            found = readers.map(lambda key: self.incidents.newest("accessKeyId", key), keys)
            self._newest = dict(zip(keys, found, strict=True))
        return frozenset(key for key, newest in self._newest.items() if self._is_open(newest))

    def _read_newest(self, key: str) -> dict[str, Any] | None:
        if key in self._newest:
            return self._newest.pop(key)
        return self.incidents.newest("accessKeyId", key)

    def _is_open(self, newest: Mapping[str, Any] | None) -> bool:
        if newest is None or newest["state"] != "open":
            return False
        return newest["openUntil"] > self._seconds() or bool(newest.get("exposesSecret"))

    def forget(self, key: str) -> None:
        self._remembered.pop(key, None)

    def _count_remembered(self, group: SignalGroup) -> dict[str, Any] | None:
        """None also if another worker has counted a later failure."""
        remembered = self._remembered.get(group.key)
        return self._count(group, remembered, unless_seen_later=True) if remembered else None

    def _count(
        self, group: SignalGroup, known: Mapping[str, Any], *, unless_seen_later: bool = False
    ) -> dict[str, Any] | None:
        """None if the incident is closed, or has been quiet for long enough to be. Only a person closes one
        of an exposed secret.
        """
        now, last_seen = self._seconds(), iso(group.last_seen)
        until = self.lifetime.open_until(now, is_predicted=False)
        if _is_predicted(known):
            until = max(until, int(known["openUntil"]))  # the predicted failure is still awaited
        is_later = group.count > 0 and last_seen > known["lastSeen"]
        item = self.incidents.update(
            {"accessKeyId": group.key, "openedAt": known["openedAt"]},
            "ADD #count :count SET openUntil = :until, expiresAt = :expires"
            + (", lastSeen = :last" if is_later else ""),
            condition="#state = :open AND (openUntil > :now OR exposesSecret = :true)"
            + (" AND lastSeen <= :last" if is_later and unless_seen_later else ""),
            values={
                ":count": group.count,
                ":now": now,
                ":until": until,
                ":expires": self.lifetime.expires_at(now, until),
                ":open": "open",
                ":true": True,
            }
            | ({":last": last_seen} if is_later else {}),
            names={"#count": "count", "#state": "state"},
        )
        self._remember(group.key, item)
        return item

    def _count_concurrent(self, group: SignalGroup) -> dict[str, Any]:
        """On the incident that another worker has just opened."""
        newest = self.incidents.newest("accessKeyId", group.key)
        counted = self._count(group, newest) if newest else None
        if counted is None:
            raise BusyError("another worker is opening the incident")
        return counted

    def _open(self, group: SignalGroup, previous: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """None if another worker has opened the incident in the meantime."""
        now, is_predicted = self._seconds(), group.signal.predicted_outage is not None
        until = self.lifetime.open_until(now, is_predicted=is_predicted)
        item = (
            new_item(group, opened_at=f"{self.clock():%Y-%m-%dT%H:%M:%S.%fZ}")
            | self.claims.attributes(group.signal)
            | {"openUntil": until, "expiresAt": self.lifetime.expires_at(now, until)}
        )
        try:
            self.clients.dynamodb.transact_write_items(
                TransactItems=[
                    self._lease(group.key, previous),
                    self.incidents.put(item),
                    *([self._closing(previous)] if previous and previous["state"] == "open" else []),
                ]
            )
        except ClientError as error:
            if not is_lost_race(error):
                raise
            return None
        self._remember(group.key, item)
        return item

    def _lease(self, key: str, previous: Mapping[str, Any] | None) -> TransactWriteItemTypeDef:
        """All workers that found the same previous incident, or none, compete for the same lease."""
        name = f"{OPENING_PREFIX}{key}:{previous['openedAt'] if previous else '-'}"
        return self.leases.put(
            {"name": name, "expiresAt": self._seconds() + CLAIM_SECONDS},
            condition="attribute_not_exists(#name) OR expiresAt < :now",
            values={":now": self._seconds()},
            names={"#name": "name"},
        )

    def _closing(self, previous: Mapping[str, Any]) -> TransactWriteItemTypeDef:
        """The timer reports it."""
        return self.incidents.transact_update(
            item_key(_ref(previous)),
            "SET #state = :closed, timer = :timer, dueAt = :now",
            condition="#state = :open",
            values={":closed": "closed", ":open": "open", ":timer": FOLLOW_UP, ":now": self._seconds()},
            names={"#state": "state"},
        )

    def _claim_or_defer(self, item: Mapping[str, Any], signal: Signal) -> dict[str, Any] | None:
        """Re-reads the item: another worker may have alerted since it was counted.

        None if the incident is left to the current holder, whose decision covers these signals. If they are
        more specific than its own, raises BusyError, so that the messages are retried (and counted twice). If
        the holder suppresses the incident without having seen their callers, the timer evaluates it again.
        """
        if item.get("claimedUntil", 0) < self._seconds():
            if claimed := self.claims.claim(_ref(item), signal):
                return claimed
            item = self.incidents.get(item_key(_ref(item)), consistent=True)  # another was faster
        if signal.error_class > item.get("claimReading", ErrorClass.UNRELATED):
            raise BusyError("another worker is evaluating less specific signals of the key")
        return None

    def _remember(self, key: str, item: Mapping[str, Any] | None) -> None:
        self.forget(key)
        if item is not None and not _is_predicted(item):  # another worker may be shortening its wait
            self._remembered[key] = {name: item[name] for name in ("openedAt", "lastSeen", "openUntil")}
        if len(self._remembered) > _MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    def _seconds(self) -> int:
        return int(self.clock().timestamp())


def _is_predicted(item: Mapping[str, Any]) -> bool:
    return "predictedOutage" in item.get("signal", {})


def _ref(item: Mapping[str, Any]) -> IncidentRef:
    return IncidentRef(key=item["accessKeyId"], opened_at=item["openedAt"])
