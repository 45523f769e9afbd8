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
from lambdas.adapters.incident_items import caller_map, finding_attributes, incident_of, new_item
from lambdas.adapters.item_table import ItemTable, is_lost_race
from lambdas.domain.errors import BusyError
from lambdas.domain.incident import MAX_CALLERS, Noted
from lambdas.domain.incident_event import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    from mypy_boto3_dynamodb import DynamoDBClient

    from lambdas.domain.finding import Finding
    from lambdas.domain.incident import Sightings

CLAIM_SECONDS = 45  # longer than the function may run, shorter than the queue's visibility timeout
_REMEMBERED = 1000


class DynamoIncidents:
    """`worker` tells this worker's claims from others'. While warm it remembers when the incidents it
    met were opened, which saves the query for a repeat; the write's condition settles whether that
    still holds.
    """

    def __init__(  # noqa: PLR0913 -- all by name, wired in one place
        self,
        client: Callable[[], DynamoDBClient],
        *,
        incident_table: str,
        lease_table: str,
        retention: timedelta,
        clock: Callable[[], datetime],
        worker: str,
    ) -> None:
        self._client = client
        self._incidents = ItemTable(client, incident_table)
        self._leases = ItemTable(client, lease_table)
        self._retention = retention
        self._clock = clock
        self._worker = worker
        self._opened_at: OrderedDict[str, str] = OrderedDict()

    def note(self, sightings: Sightings) -> Noted:
        """Raises BusyError when another worker is deciding on less telling signals than these."""
        with translated_errors("dynamodb:incidents"):
            counted = self._count_remembered(sightings) or self._count_found(sightings)
            if counted is None:
                opened = self._open(sightings)
                if opened is not None:
                    return Noted(incident=incident_of(opened), needs_attention=True)
                counted = self._count_found(sightings)
            if counted is None:
                raise BusyError("another worker is opening the incident")
            item = self._with_new_callers(counted, sightings)
            return Noted(incident=incident_of(item), needs_attention=self._claimed(item, sightings))

    def settle(self, finding: Finding) -> None:
        attributes = finding_attributes(finding)
        with translated_errors("dynamodb:incidents"):
            self._incidents.update(
                _key(finding.incident.key, finding.incident.opened_at),
                f"SET {_assignments(attributes)} REMOVE claimedBy, claimedUntil, claimReading",
                condition="claimedBy = :worker",
                values=_values(attributes) | {":worker": self._worker},
                names=_names(attributes),
            )

    def _count_remembered(self, sightings: Sightings) -> dict[str, Any] | None:
        opened_at = self._opened_at.get(sightings.key)
        return self._count(sightings, opened_at) if opened_at else None

    def _count_found(self, sightings: Sightings) -> dict[str, Any] | None:
        newest = self._incidents.newest("accessKeyId", sightings.key)
        return self._count(sightings, newest["openedAt"]) if newest else None

    def _count(self, sightings: Sightings, opened_at: str) -> dict[str, Any] | None:
        """None when the incident is no longer open."""
        item = self._incidents.update(
            _key(sightings.key, opened_at),
            "ADD #count :count SET lastSeen = :last, expiresAt = :expires",
            condition="#state = :open AND expiresAt > :now",
            values={
                ":count": sightings.count,
                ":last": iso(sightings.last_seen),
                ":expires": self._expiry(),
                ":open": "open",
                ":now": self._seconds(),
            },
            names={"#count": "count", "#state": "state"},
        )
        self._remember(sightings.key, opened_at if item else None)
        return item

    def _open(self, sightings: Sightings) -> dict[str, Any] | None:
        """None when another worker has opened the incident in the meantime."""
        opened_at = f"{self._clock():%Y-%m-%dT%H:%M:%S.%fZ}"
        item = new_item(sightings, opened_at) | self._claim(sightings) | {"expiresAt": self._expiry()}
        lease = {"name": f"open:{sightings.key}", "expiresAt": self._seconds() + CLAIM_SECONDS}
        free = self._leases.put(
            lease,
            condition="attribute_not_exists(#name) OR expiresAt < :now",
            values={":now": self._seconds()},
            names={"#name": "name"},
        )
        try:
            self._client().transact_write_items(TransactItems=[free, self._incidents.put(item)])
        except ClientError as error:
            if not is_lost_race(error):
                raise
            return None
        self._remember(sightings.key, opened_at)
        return item

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
        if item["attention"] == "told":
            return False
        if item.get("claimedUntil", 0) >= self._seconds():
            return self._left_to_the_holder(item, sightings)
        claim = self._claim(sightings)
        claimed = self._incidents.update(
            _key(sightings.key, item["openedAt"]),
            f"SET {_assignments(claim)}",
            condition="attribute_not_exists(claimedUntil) OR claimedUntil < :now",
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

    def _claim(self, sightings: Sightings) -> dict[str, object]:
        return {
            "claimedBy": self._worker,
            "claimedUntil": self._seconds() + CLAIM_SECONDS,
            "claimReading": int(sightings.signal.reading),
        }

    def _remember(self, key: str, opened_at: str | None) -> None:
        self._opened_at.pop(key, None)
        if opened_at is not None:
            self._opened_at[key] = opened_at
        if len(self._opened_at) > _REMEMBERED:
            self._opened_at.popitem(last=False)

    def _seconds(self) -> int:
        return int(self._clock().timestamp())

    def _expiry(self) -> int:
        return self._seconds() + int(self._retention.total_seconds())


def _key(access_key_id: str, opened_at: str) -> dict[str, str]:
    return {"accessKeyId": access_key_id, "openedAt": opened_at}


def _assignments(attributes: Mapping[str, object]) -> str:
    return ", ".join(f"#{name} = :{name}" for name in attributes)


def _values(attributes: Mapping[str, object]) -> dict[str, object]:
    return {f":{name}": value for name, value in attributes.items()}


def _names(attributes: Mapping[str, object]) -> dict[str, str]:
    return {f"#{name}": name for name in attributes}
