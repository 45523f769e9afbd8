"""The incident table: every transition is a conditional write, so that a repeated or concurrent
delivery changes nothing but the count.

Opening takes a short lease in the same transaction, because two workers that both find no open
incident would otherwise each open one, and alert twice. Deciding takes a claim on the incident, which
lapses after the function's timeout, so that a worker that died is succeeded by the next delivery.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.adapters.client_errors import translated_errors
from lambdas.adapters.incident_items import (
    caller_map,
    finding_attributes,
    incident_of,
    new_item,
    signal_of,
)
from lambdas.adapters.item_table import ItemTable, is_lost_race
from lambdas.adapters.json_fields import utc_time
from lambdas.domain.error_codes import Reading
from lambdas.domain.errors import BusyError
from lambdas.domain.incident import MAX_CALLERS, Noted, Recheck
from lambdas.domain.incident_event import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime, timedelta

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from lambdas.domain.finding import Finding
    from lambdas.domain.incident import Sightings
    from lambdas.domain.signal import Signal

CLAIM_SECONDS = 45  # longer than the function may run, shorter than the queue's visibility timeout
DUE_INDEX = "DueIndex"
_RECHECK = "recheck"
_TRY_AGAIN_SECONDS = 300  # what fails at its recheck goes behind the others
_REMEMBERED = 1000
_NEVER_RIGHT = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})
_UNCLAIMED = "attribute_not_exists(claimedUntil) OR claimedUntil < :now"


class DynamoIncidents:
    """`worker` tells this worker's claims from others'. An incident that was `quiet` for so long is over,
    one that was only foreseen after `foresight`; it is kept for `retention`. While warm the worker remembers
    when the incidents it met were opened, which saves the query for a repeat; the write's condition
    settles whether that still holds.
    """

    def __init__(  # noqa: PLR0913 -- all by name, wired in one place
        self,
        client: Callable[[], DynamoDBClient],
        *,
        incident_table: str,
        lease_table: str,
        quiet: timedelta,
        foresight: timedelta,
        retention: timedelta,
        recheck_seconds: int,
        clock: Callable[[], datetime],
        worker: str,
    ) -> None:
        self._client = client
        self._incidents = ItemTable(client, incident_table)
        self._leases = ItemTable(client, lease_table)
        self._quiet = quiet
        self._foresight = foresight
        self._retention = retention
        self._recheck_seconds = recheck_seconds
        self._clock = clock
        self._worker = worker
        self._remembered: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def note(self, sightings: Sightings) -> Noted:
        """Raises BusyError when another worker is deciding on less telling signals than these."""
        with translated_errors("dynamodb:incidents", permanent=_NEVER_RIGHT):
            counted = self._count_remembered(sightings)
            if counted is None:
                newest = self._incidents.newest("accessKeyId", sightings.key)
                counted = self._count(sightings, newest) if newest else None
                opened = self._open(sightings, newest) if counted is None else None
                if opened is not None:
                    return Noted(incident=incident_of(opened), needs_attention=True)
            item = self._with_new_callers(counted or self._count_opened_by_another(sightings), sightings)
            return Noted(incident=incident_of(item), needs_attention=self._claimed(item, sightings))

    def due_rechecks(self) -> Iterator[str]:
        with translated_errors("dynamodb:incidents"):
            yield from self._incidents.due(DUE_INDEX, _RECHECK, self._seconds(), "accessKeyId")

    def claim_recheck(self, key: str) -> Recheck | None:
        with translated_errors("dynamodb:incidents"):
            newest = self._incidents.newest("accessKeyId", key)
            if newest is None or newest.get("timer") != _RECHECK:
                return None
            signal = signal_of(newest)
            claim = self._claim(signal)
            item = self._incidents.update(
                _key(key, newest["openedAt"]),
                f"SET {_assignments(claim)}, rechecked = :yes, dueAt = :later",
                condition=f"timer = :recheck AND dueAt <= :now AND ({_UNCLAIMED})",
                values=_values(claim)
                | {
                    ":yes": True,
                    ":recheck": _RECHECK,
                    ":now": self._seconds(),
                    ":later": self._seconds() + _TRY_AGAIN_SECONDS,
                },
                names=_names(claim),
            )
        return Recheck(incident=incident_of(item), signal=signal) if item else None

    def settle(self, finding: Finding) -> None:
        attributes = finding_attributes(finding) | {"judgedAt": iso(self._clock())}
        removed = "claimedBy, claimedUntil, claimReading"
        if finding.wants_recheck:
            attributes |= {"timer": _RECHECK, "dueAt": self._seconds() + self._recheck_seconds}
        elif not (finding.alert_is_due or finding.event_is_due):  # else the next round tells the rest
            removed += ", timer, dueAt"
        with translated_errors("dynamodb:incidents", permanent=_NEVER_RIGHT):
            self._incidents.update(
                _key(finding.incident.key, finding.incident.opened_at),
                f"SET {_assignments(attributes)} REMOVE {removed}",
                condition="claimedBy = :worker",
                values=_values(attributes) | {":worker": self._worker},
                names=_names(attributes),
            )

    def _count_remembered(self, sightings: Sightings) -> dict[str, Any] | None:
        remembered = self._remembered.get(sightings.key)
        return self._count(sightings, remembered) if remembered else None

    def _count(self, sightings: Sightings, known: Mapping[str, Any]) -> dict[str, Any] | None:
        """None when the incident is no longer open, or has been quiet for so long that it is over."""
        item = self._incidents.update(
            _key(sightings.key, known["openedAt"]),
            "ADD #count :count SET lastSeen = :last, openUntil = :until, expiresAt = :expires",
            condition="#state = :open AND openUntil > :now",
            values={
                ":count": sightings.count,
                ":last": max(iso(sightings.last_seen), known["lastSeen"]),
                ":now": self._seconds(),
                ":until": max(self._open_until(sightings.signal), int(known.get("openUntil", 0))),
                ":expires": self._expiry(),
                ":open": "open",
            },
            names={"#count": "count", "#state": "state"},
        )
        self._remember(sightings.key, item)
        return item

    def _count_opened_by_another(self, sightings: Sightings) -> dict[str, Any]:
        newest = self._incidents.newest("accessKeyId", sightings.key)
        counted = self._count(sightings, newest) if newest else None
        if counted is None:
            raise BusyError("another worker is opening the incident")
        return counted

    def _open(self, sightings: Sightings, previous: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """None when another worker has opened the incident in the meantime."""
        opened_at = f"{self._clock():%Y-%m-%dT%H:%M:%S.%fZ}"
        times = {"openUntil": self._open_until(sightings.signal), "expiresAt": self._expiry()}
        item = new_item(sightings, opened_at) | self._claim(sightings.signal) | times
        try:
            self._client().transact_write_items(
                TransactItems=[
                    self._lease(sightings.key, previous),
                    self._incidents.put(item),
                    *([self._closing(previous)] if previous else []),
                ]
            )
        except ClientError as error:
            if not is_lost_race(error):
                raise
            return None
        self._remember(sightings.key, item)
        return item

    def _lease(self, key: str, previous: Mapping[str, Any] | None) -> TransactWriteItemTypeDef:
        """Whoever found the same previous incident, or none, contends for the same lease."""
        name = f"open:{key}:{previous['openedAt'] if previous else '-'}"
        return self._leases.put(
            {"name": name, "expiresAt": self._seconds() + CLAIM_SECONDS},
            condition="attribute_not_exists(#name) OR expiresAt < :now",
            values={":now": self._seconds()},
            names={"#name": "name"},
        )

    def _closing(self, previous: Mapping[str, Any]) -> TransactWriteItemTypeDef:
        return self._incidents.part_of_a_transaction(
            _key(previous["accessKeyId"], previous["openedAt"]),
            "SET #state = :closed REMOVE timer, dueAt",
            values={":closed": "closed"},
            names={"#state": "state"},
        )

    def _with_new_callers(self, item: dict[str, Any], sightings: Sightings) -> dict[str, Any]:
        """Up to MAX_CALLERS, so that no flood of callers outgrows the item."""
        known = item["callers"]
        unmet = [entry for entry in caller_map(sightings.callers).items() if entry[0] not in known]
        added = dict(unmet[: MAX_CALLERS - len(known)])
        if not added:
            return item
        updated = self._incidents.update(
            _key(sightings.key, item["openedAt"]),
            "SET " + ", ".join(f"callers.#{digest} = :{digest}" for digest in added),
            condition="size(callers) < :most",
            values=_values(added) | {":most": MAX_CALLERS},
            names=_names(added),
        )
        return updated or item

    def _claimed(self, item: Mapping[str, Any], sightings: Sightings) -> bool:
        if item["attention"] == "told" and not _overtakes(item, sightings.signal):
            return False
        if item.get("claimedUntil", 0) >= self._seconds():
            return self._left_to_the_holder(item, sightings)
        claim = self._claim(sightings.signal)
        claimed = self._incidents.update(
            _key(sightings.key, item["openedAt"]),
            f"SET {_assignments(claim)}",
            condition=_UNCLAIMED,
            values=_values(claim) | {":now": self._seconds()},
            names=_names(claim),
        )
        if claimed is None:
            raise BusyError("another worker has just begun to diagnose the incident")
        return True

    def _left_to_the_holder(self, item: Mapping[str, Any], sightings: Sightings) -> bool:
        """What the holder decides covers these signals unless they tell more than its own."""
        if sightings.signal.reading > item["claimReading"]:
            raise BusyError("another worker is deciding on less telling signals of the key")
        return False

    def _claim(self, signal: Signal) -> dict[str, object]:
        return {
            "claimedBy": self._worker,
            "claimedUntil": self._seconds() + CLAIM_SECONDS,
            "claimReading": int(signal.reading),
        }

    def _remember(self, key: str, item: Mapping[str, Any] | None) -> None:
        self._remembered.pop(key, None)
        if item is not None:
            self._remembered[key] = {name: item[name] for name in ("openedAt", "lastSeen", "openUntil")}
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    def _seconds(self) -> int:
        return int(self._clock().timestamp())

    def _open_until(self, signal: Signal) -> int:
        """Failures that were foreseen may take as long as it is between two uses of the key."""
        wait = max(self._quiet, self._foresight) if signal.switched_off else self._quiet
        return self._seconds() + int(wait.total_seconds())

    def _expiry(self) -> int:
        return self._seconds() + int(self._retention.total_seconds())


def _key(access_key_id: str, opened_at: str) -> dict[str, str]:
    return {"accessKeyId": access_key_id, "openedAt": opened_at}


def _overtakes(item: Mapping[str, Any], signal: Signal) -> bool:
    """What was only foreseen is judged again when a call fails, or when it gets worse; and any incident,
    when the key was switched off after it had been told.
    """
    judged_at = utc_time(item.get("judgedAt"))
    if signal.switched_off and judged_at and signal.switched_off.at > judged_at:
        return True
    return bool(item.get("foreseen")) and signal.reading >= Reading.SWITCHED_OFF


def _assignments(attributes: Mapping[str, object]) -> str:
    return ", ".join(f"#{name} = :{name}" for name in attributes)


def _values(attributes: Mapping[str, object]) -> dict[str, object]:
    return {f":{name}": value for name, value in attributes.items()}


def _names(attributes: Mapping[str, object]) -> dict[str, str]:
    return {f"#{name}": name for name in attributes}
