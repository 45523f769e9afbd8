"""The states of rotations, each written under the condition that nobody wrote in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import BusyError
from lambdas.rotation.adapters.rotation_items import PREFIX, state_item, state_item_id, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from lambdas.rotation.domain.rotation_state import RotationState

_DOING = "dynamodb:rotations"


class DynamoRotations:
    def __init__(self, client: Callable[[], DynamoDBClient], ledger_table: str) -> None:
        self._table = ItemTable(client, ledger_table)

    def read(self, secret_name: str) -> RotationState:
        with aws_errors(_DOING):
            item = self._table.get({"accessKeyId": state_item_id(secret_name)}, consistent=True)
        return state_of(secret_name, item)

    def write(self, state: RotationState) -> RotationState:
        version = state.version + 1
        with aws_errors(_DOING):
            written = self._table.put_if(
                state_item(state) | {"version": version},
                condition="version = :version" if state.version else "attribute_not_exists(version)",
                values={":version": state.version} if state.version else {},
            )
        if not written:
            raise BusyError("another run has written the state of this rotation")
        return replace(state, version=version)

    def all_states(self) -> list[RotationState]:
        with aws_errors(_DOING):
            items = [item for item in self._table.scan() if item["accessKeyId"].startswith(PREFIX)]
        return [state_of(item["accessKeyId"].removeprefix(PREFIX), item) for item in items]

    def all_names(self) -> list[str]:
        """The secrets of which there is a state."""
        with aws_errors(_DOING):
            ids = [item["accessKeyId"] for item in self._table.scan()]
        return sorted(name.removeprefix(PREFIX) for name in ids if name.startswith(PREFIX))
