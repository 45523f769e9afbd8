"""The ledger in DynamoDB: entries are read, joined and written under the condition that nobody wrote in
between, so that concurrent and repeated deliveries end in the same item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.aws.domain.iam import ROOT
from lambdas.errors import BusyError
from lambdas.ledger.adapters.ledger_indexes import MIDDLE_INDEX, OWNER_INDEX, TAIL_INDEX
from lambdas.ledger.adapters.ledger_items import (
    is_key,
    is_user,
    key_item,
    key_of,
    user_item,
    user_item_id,
    user_of,
)
from lambdas.ledger.domain.key_entry import merge_keys
from lambdas.ledger.domain.near_miss import middle_of, tail_of
from lambdas.ledger.domain.owner_record import OwnerRecord
from lambdas.ledger.domain.user_entry import merge_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from lambdas.ledger.domain.key_entry import KeyEntry
    from lambdas.ledger.domain.user_entry import UserEntry

_ATTEMPTS = 5
_DOING = "dynamodb:ledger"

Entry = TypeVar("Entry", "KeyEntry", "UserEntry")


class DynamoLedger:
    def __init__(self, client: Callable[[], DynamoDBClient], table: str) -> None:
        self._table = ItemTable(client, table)

    def key(self, access_key_id: str) -> KeyEntry | None:
        item = self._get(access_key_id)
        return key_of(item) if item else None

    def user(self, name: str) -> UserEntry | None:
        item = self._get(user_item_id(name))
        return user_of(item) if item else None

    def of_owner(self, name: str) -> OwnerRecord:
        with aws_errors(_DOING):
            items = list(self._table.all_with("ownerName", name, index=OWNER_INDEX))
        users = [user_of(item) for item in items if is_user(item)]
        keys = tuple(key_of(item) for item in items if is_key(item))
        return OwnerRecord(user=users[0] if users else None, keys=keys)

    def sharing_tail(self, text: str) -> dict[str, str]:
        return self._owners("tail", tail_of(text), TAIL_INDEX)

    def sharing_middle(self, text: str) -> dict[str, str]:
        return self._owners("middle", middle_of(text), MIDDLE_INDEX)

    def merge_key(self, entry: KeyEntry) -> KeyEntry:
        return self._join(entry, entry.access_key_id, key_of, merge_keys, key_item)

    def merge_user(self, entry: UserEntry) -> UserEntry:
        return self._join(entry, user_item_id(entry.name), user_of, merge_users, user_item)

    def keys_unseen_since(self, moment: datetime) -> Iterator[KeyEntry]:
        living = (key for key in self._keys() if key.deletion is None and key.owner != ROOT)
        return (key for key in living if key.seen is None or key.seen < moment)

    def keys_unasked_since(self, moment: datetime) -> Iterator[KeyEntry]:
        living = (key for key in self._keys() if key.deletion is None and key.owner != ROOT)
        return (key for key in living if key.use_asked_at is None or key.use_asked_at < moment)

    def users_unseen_since(self, moment: datetime) -> Iterator[UserEntry]:
        users = (user_of(item) for item in self._scan() if is_user(item))
        return (user for user in users if user.is_there and (user.seen is None or user.seen < moment))

    def names_by_user_id(self, moment: datetime) -> dict[str, str]:
        users = [user_of(item) for item in self._scan() if is_user(item)]
        seen = [user for user in users if user.seen is not None and user.seen >= moment]
        return {user.user_id.value: user.name for user in seen if user.user_id}

    def _owners(self, attribute: str, part: str, index: str) -> dict[str, str]:
        with aws_errors(_DOING):
            items = list(self._table.all_with(attribute, part, index=index))
        return {item["accessKeyId"]: item.get("ownerName", "") for item in items}

    def _get(self, identifier: str) -> dict[str, Any]:
        with aws_errors(_DOING):
            return self._table.get({"accessKeyId": identifier}, consistent=True)

    def _join(
        self,
        entry: Entry,
        identifier: str,
        read: Callable[[Mapping[str, Any]], Entry],
        join: Callable[[Entry, Entry], Entry],
        write: Callable[[Entry], dict[str, Any]],
    ) -> Entry:
        for _ in range(_ATTEMPTS):
            item = self._get(identifier)
            joined = join(read(item), entry) if item else entry
            if item and read(item) == joined:
                return joined
            if self._put(write(joined), item.get("version", 0)):
                return joined
        raise BusyError("others are writing the same entry of the ledger")

    def _put(self, item: dict[str, Any], version: int) -> bool:
        unchanged = "version = :version" if version else "attribute_not_exists(version)"
        with aws_errors(_DOING):
            return self._table.put_if(
                item | {"version": version + 1},
                condition=unchanged,
                values={":version": version} if version else {},
            )

    def _keys(self) -> Iterator[KeyEntry]:
        return (key_of(item) for item in self._scan() if is_key(item))

    def _scan(self) -> Iterator[dict[str, Any]]:
        with aws_errors(_DOING):
            yield from self._table.scan()
