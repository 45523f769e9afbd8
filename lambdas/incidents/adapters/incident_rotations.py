"""Records the result of a rotation with the open incident of the key, as the attribute `rotation`."""

from __future__ import annotations

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.incidents.adapters.incident_items import to_incident
from lambdas.incidents.domain.incident import Incident, RotationEnd
from lambdas.incidents.domain.rotation_outcome import rotation_map

_OPERATION = "dynamodb:incidents"


class DynamoKeyIncidents:
    def __init__(self, clients: Clients, incident_table: str) -> None:
        self._table = ItemTable(clients, incident_table)

    def open_incident(self, access_key_id: str) -> Incident | None:
        """None where the key's newest incident is closed, or it never had one."""
        with aws_errors(_OPERATION):
            item = self._table.newest("accessKeyId", access_key_id)
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
