"""Which keys of a user had alerts in the last hour: an item of the lease table for each group of alerts that
share one. It is read, changed, and written only if nobody else has written it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.codec import from_plain, to_plain
from lambdas.errors import BusyError
from lambdas.incidents.domain.incident import Incident
from lambdas.incidents.domain.owner_alerts import HeldKeys, OwnerAlerts, Place

OWNER_PREFIX = "owner-alerts:"  # of the items' names; the permissions name it
_OPERATION = "dynamodb:owner-alerts"
_MAX_ATTEMPTS = 5
_TTL_SECONDS = 2 * 24 * 60 * 60

T = TypeVar("T")


class DynamoOwnerAlerts:
    def __init__(self, clients: Clients, lease_table: str, *, clock: Callable[[], datetime]) -> None:
        self._table = ItemTable(clients, lease_table)
        self._clock = clock

    def place(self, group: str, incident: Incident) -> Place:
        return self._change(group, lambda known: known.with_key(incident, self._clock()))

    def held(self, group: str) -> HeldKeys:
        return _known(self._read(group)).held

    def mark_reported(self, group: str, held: HeldKeys) -> None:
        self._change(group, lambda known: (None, known.reported(held, self._clock())))

    def _change(self, group: str, change: Callable[[OwnerAlerts], tuple[T, OwnerAlerts]]) -> T:
        for _ in range(_MAX_ATTEMPTS):
            item = self._read(group)
            known = _known(item)
            answer, changed = change(known)
            if changed == known or self._write(group, changed, int(item.get("version", 0))):
                return answer
        raise BusyError("others are counting alerts of the owner")

    def _read(self, group: str) -> Mapping[str, Any]:
        with aws_errors(_OPERATION):
            return self._table.get({"name": OWNER_PREFIX + group}, consistent=True)

    def _write(self, group: str, changed: OwnerAlerts, version: int) -> bool:
        expires = int(self._clock().timestamp()) + _TTL_SECONDS
        item = to_plain(changed) | {"name": OWNER_PREFIX + group, "expiresAt": expires}
        with aws_errors(_OPERATION):
            return self._table.put_version(item, version)


def _known(item: Mapping[str, Any]) -> OwnerAlerts:
    return from_plain(OwnerAlerts, item)
