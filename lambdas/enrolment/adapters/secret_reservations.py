"""The one secret of each user, by the UserId: an item of the ledger's table, written before the secret is
created, so that of several requests one creates a secret.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import BusyError

RESERVATION_PREFIX = "secret-of:"  # of the items' keys; the permissions name it
# Longer than the function's time limit: an earlier run has created its secret, or never will.
_SECONDS_TO_CREATE = 120
_OPERATION = "dynamodb:reservations"


class DynamoSecretReservations:
    def __init__(self, clients: Clients, ledger_table: str, *, clock: Callable[[], datetime]) -> None:
        self._table = ItemTable(clients, ledger_table)
        self._clock = clock

    def reserved(self, user_id: str) -> str:
        with aws_errors(_OPERATION):
            item = self._table.get(self._key(user_id), consistent=True)
        return str(item.get("secretName", ""))

    def reserve(self, user_id: str, secret_name: str) -> None:
        now = int(self._clock().timestamp())
        with aws_errors(_OPERATION):
            is_reserved = self._table.put_if(
                {**self._key(user_id), "secretName": secret_name, "reservedAt": now},
                condition="attribute_not_exists(secretName) OR secretName = :name OR reservedAt < :before",
                values={":name": secret_name, ":before": now - _SECONDS_TO_CREATE},
            )
        if not is_reserved:
            raise BusyError("another secret of the user is being created")

    def _key(self, user_id: str) -> dict[str, str]:
        return {"accessKeyId": RESERVATION_PREFIX + user_id}
