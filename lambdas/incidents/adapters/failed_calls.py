"""Whether recent calls with a key have failed, and whose, from the key's incidents."""

from __future__ import annotations

from datetime import datetime

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.times import iso
from lambdas.incidents.adapters.incident_items import to_incident


class DynamoFailedCalls:
    def __init__(self, clients: Clients, incident_table: str) -> None:
        self._table = ItemTable(clients, incident_table)

    def callers_of(self, access_key_id: str) -> tuple[Caller, ...]:
        """Those of the newest incident of the key."""
        with aws_errors("dynamodb:incidents"):
            newest = self._table.newest("accessKeyId", access_key_id)
        return to_incident(newest).callers if newest else ()

    def since(self, access_key_id: str, moment: datetime) -> bool:
        with aws_errors("dynamodb:incidents"):
            newest = self._table.newest("accessKeyId", access_key_id)
        return newest is not None and newest["count"] > 0 and newest["lastSeen"] >= iso(moment)
