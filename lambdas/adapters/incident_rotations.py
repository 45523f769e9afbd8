"""What came of a rotation, beside the open incident of the key: the item's attribute `rotation`, a map of
`outcome` (succeeded or failed), `at` (ISO, UTC), `newKey` and `reason`, the last two `-` where there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.adapters.client_errors import translated_errors
from lambdas.adapters.incident_items import incident_of
from lambdas.adapters.item_table import ItemTable
from lambdas.domain.rotation_event import Judged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

_JUDGEMENT = ("cause", "confidence", "decision", "guardrail", "severity", "account", "region")
_DOING = "dynamodb:incidents"


class IncidentRotations:
    def __init__(self, client: Callable[[], DynamoDBClient], incident_table: str) -> None:
        self._table = ItemTable(client, incident_table)

    def open_incident(self, access_key_id: str) -> Judged | None:
        """None where the key's newest incident is closed, or it never had one."""
        with translated_errors(_DOING):
            item = self._table.newest("accessKeyId", access_key_id)
        return _judged(item) if item and item["state"] == "open" else None

    def note(self, judged: Judged, rotation: Mapping[str, str]) -> None:
        """Does nothing to an incident that was closed meanwhile."""
        incident = judged.incident
        with translated_errors(_DOING):
            self._table.update(
                {"accessKeyId": incident.key, "openedAt": incident.opened_at},
                "SET #rotation = :rotation",
                condition="#state = :open",
                values={":rotation": dict(rotation), ":open": "open"},
                names={"#rotation": "rotation", "#state": "state"},
            )


def _judged(item: Mapping[str, Any]) -> Judged:
    return Judged(
        incident=incident_of(item),
        judgement={name: item.get(name, "-") for name in _JUDGEMENT},
        owner=item.get("owner", {"name": "", "id": ""}),
        rotation=item.get("rotation", {}),
    )
