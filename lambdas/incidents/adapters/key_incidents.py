"""The newest incident of a key: whose calls failed, and `rotation`, the result of a rotation of the key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.times import iso
from lambdas.incidents.adapters.incident_items import to_incident
from lambdas.incidents.domain.incident import Incident, RotationEnd
from lambdas.incidents.domain.rotation_outcome import rotation_map

_OPERATION = "dynamodb:incidents"


class DynamoKeyIncidents:
    def __init__(self, clients: Clients, incident_table: str) -> None:
        self._table = ItemTable(clients, incident_table)

    def open_incident(self, access_key_id: str) -> Incident | None:
        """None where the key's newest incident is closed, or it never had one."""
        item = self._newest(access_key_id)
        return to_incident(item) if item and item["state"] == "open" else None

    def record_rotation(self, incident: Incident, end: RotationEnd) -> None:
        """Does nothing if the incident has been closed."""
        with aws_errors(_OPERATION):
            self._table.update(
                {"accessKeyId": incident.key, "openedAt": incident.opened_at},
                "SET #rotation = :rotation",
                condition="#state = :open",
                values={":rotation": rotation_map(end), ":open": "open"},
                names={"#rotation": "rotation", "#state": "state"},
            )

    def callers_of(self, access_key_id: str) -> tuple[Caller, ...]:
        item = self._newest(access_key_id)
        return to_incident(item).callers if item else ()

    def has_failed_since(self, access_key_id: str, moment: datetime) -> bool:
        item = self._newest(access_key_id)
        return item is not None and item["count"] > 0 and item["lastSeen"] >= iso(moment)

    def _newest(self, access_key_id: str) -> dict[str, Any] | None:
        with aws_errors(_OPERATION):
            return self._table.newest("accessKeyId", access_key_id)
