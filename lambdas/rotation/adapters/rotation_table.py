"""The states of rotations as items of the ledger's table, each written only if no other run has written
meanwhile.

An item's `accessKeyId` is `rotation:` and the secret's name, which no key can have. Its `ownerName` is
`rotation:` and the UserId, which no user can have for a name: the index by owner finds a user's states by it.
An item contains no secret.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.codec import from_plain, to_plain
from lambdas.errors import BusyError, PermanentError
from lambdas.ledger.adapters.ledger_items import OWNER_INDEX
from lambdas.rotation.domain.rotation_state import RotationState

PREFIX = "rotation:"
_OPERATION = "dynamodb:rotations"
_MAX_SECRETS_OF_A_USER = 10


class DynamoRotations:
    def __init__(self, clients: Clients, ledger_table: str) -> None:
        self._table = ItemTable(clients, ledger_table)

    def read(self, secret_name: str) -> RotationState:
        """An empty state before the first write."""
        with aws_errors(_OPERATION):
            item = self._table.get({"accessKeyId": PREFIX + secret_name}, consistent=True)
        return from_plain(RotationState, item) if item else RotationState(secret_name=secret_name)

    def write(self, state: RotationState) -> RotationState:
        written = replace(state, version=state.version + 1)
        with aws_errors(_OPERATION):
            is_written = self._table.put_version(_item(written), state.version)
        if not is_written:
            raise BusyError("another run has written the state of this rotation")
        return written

    def states_of(self, user_id: str) -> list[RotationState]:
        """The index gives the names; what was written a moment ago is read from the table."""
        with aws_errors(_OPERATION):
            found = self._table.some_with(
                "ownerName", PREFIX + user_id, index=OWNER_INDEX, limit=_MAX_SECRETS_OF_A_USER + 1
            )
        if len(found) > _MAX_SECRETS_OF_A_USER:
            raise PermanentError(f"more than {_MAX_SECRETS_OF_A_USER} secrets were bound to one user")
        return [self.read(item["accessKeyId"].removeprefix(PREFIX)) for item in found]

    def all_states(self) -> list[RotationState]:
        return [from_plain(RotationState, item) for item in self._items()]

    def users_by_secret(self) -> dict[str, str]:
        return {state.secret_name: state.user_name for state in self.all_states()}

    def all_names(self) -> list[str]:
        """The secrets that have a state. Older states are added to the index by owner."""
        items = self._items()
        for item in items:
            if item.get("userId") and "ownerName" not in item:
                with suppress(BusyError):  # another run has just written it, and so added it
                    self.write(from_plain(RotationState, item))
        return sorted(item["accessKeyId"].removeprefix(PREFIX) for item in items)

    def _items(self) -> list[dict[str, Any]]:
        with aws_errors(_OPERATION):
            return [item for item in self._table.scan() if item["accessKeyId"].startswith(PREFIX)]


def _item(state: RotationState) -> dict[str, Any]:
    owner = {"ownerName": PREFIX + state.user_id} if state.user_id else {}
    return {"accessKeyId": PREFIX + state.secret_name, **owner, **to_plain(state)}
