"""The ledger in DynamoDB. An entry is read, merged, and written only if its item has not changed meanwhile,
so that concurrent and repeated deliveries produce the same item.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.aws.domain.iam import ROOT
from lambdas.errors import BusyError
from lambdas.ledger.adapters.ledger_items import (
    MIDDLE_INDEX,
    OWNER_END_INDEX,
    TAIL_INDEX,
    is_key,
    is_user,
    key_item,
    read_key,
    read_user,
    user_item,
    user_item_id,
)
from lambdas.ledger.domain.key_entry import KeyEntry, merge_keys
from lambdas.ledger.domain.near_miss import middle, tail
from lambdas.ledger.domain.owner_record import OwnerRecord
from lambdas.ledger.domain.user_entry import UserEntry, merge_users
from lambdas.ledger.ports import MAX_RECENT_KEYS

_MAX_ATTEMPTS = 5
_OPERATION = "dynamodb:ledger"

Entry = TypeVar("Entry", "KeyEntry", "UserEntry")


class DynamoLedger:
    def __init__(self, clients: Clients, table: str) -> None:
        self._table = ItemTable(clients, table)

    def key(self, access_key_id: str) -> KeyEntry | None:
        item = self._get(access_key_id)
        return read_key(item) if item else None

    def known_keys(self, access_key_ids: Collection[str]) -> frozenset[str]:
        with aws_errors(_OPERATION):
            keys = [{"accessKeyId": one} for one in access_key_ids]
            items = self._table.get_several(keys, keys_only=True)
        return frozenset(item["accessKeyId"] for item in items)

    def user(self, name: str) -> UserEntry | None:
        item = self._get(user_item_id(name))
        return read_user(item) if item else None

    def owner_record(self, name: str, access_key_id: str) -> OwnerRecord:
        ids = [user_item_id(name), access_key_id] if name else [access_key_id]
        with aws_errors(_OPERATION):
            items = self._table.get_several([{"accessKeyId": one} for one in ids], consistent=True)
        found = {item["accessKeyId"]: item for item in items}
        user, key = found.get(user_item_id(name)), found.get(access_key_id)
        return OwnerRecord(user=read_user(user) if user else None, key=read_key(key) if key else None)

    def recent_keys(self, owner: str) -> tuple[KeyEntry, ...]:
        with aws_errors(_OPERATION):
            items = self._table.some_with(
                "ownerName", owner, index=OWNER_END_INDEX, limit=MAX_RECENT_KEYS, last_first=True
            )
        return tuple(read_key(item) for item in items)

    def keys_with_tail(self, text: str) -> dict[str, str]:
        return self._owners("tail", tail(text), TAIL_INDEX)

    def keys_with_middle(self, text: str) -> dict[str, str]:
        return self._owners("middle", middle(text), MIDDLE_INDEX)

    def merge_key(self, entry: KeyEntry) -> KeyEntry:
        return self._merge(entry, entry.access_key_id, read_key, merge_keys, key_item)

    def merge_user(self, entry: UserEntry) -> UserEntry:
        return self._merge(entry, user_item_id(entry.name), read_user, merge_users, user_item)

    def keys_not_listed_since(self, moment: datetime) -> Iterator[KeyEntry]:
        return (key for key in self._users_keys() if not key.last_listed_at or key.last_listed_at < moment)

    def keys_not_checked_since(self, moment: datetime) -> Iterator[KeyEntry]:
        return (key for key in self._users_keys() if not key.use_checked_at or key.use_checked_at < moment)

    def users_not_listed_since(self, moment: datetime) -> Iterator[UserEntry]:
        existing = (user for user in self._users() if user.exists)
        return (user for user in existing if not user.last_listed_at or user.last_listed_at < moment)

    def listed_names_by_user_id(self, since: datetime) -> dict[str, str]:
        listed = [user for user in self._users() if user.last_listed_at and user.last_listed_at >= since]
        return {user.user_id.value: user.name for user in listed if user.user_id}

    def _owners(self, attribute: str, part: str, index: str) -> dict[str, str]:
        with aws_errors(_OPERATION):
            items = list(self._table.all_with(attribute, part, index=index))
        return {item["accessKeyId"]: item.get("ownerName", "") for item in items}

    def _get(self, identifier: str) -> dict[str, Any]:
        with aws_errors(_OPERATION):
            return self._table.get({"accessKeyId": identifier}, consistent=True)

    def _merge(
        self,
        entry: Entry,
        identifier: str,
        read: Callable[[Mapping[str, Any]], Entry],
        merge: Callable[[Entry, Entry], Entry],
        write: Callable[[Entry], dict[str, Any]],
    ) -> Entry:
        for _ in range(_MAX_ATTEMPTS):
            item = self._get(identifier)
            known = read(item) if item else None
            merged = merge(known, entry) if known else entry
            if merged == known or self._put(write(merged), item.get("version", 0)):
                return merged
        raise BusyError("others are writing the same entry of the ledger")

    def _put(self, item: dict[str, Any], version: int) -> bool:
        with aws_errors(_OPERATION):
            return self._table.put_version(item, version)

    def _users_keys(self) -> Iterator[KeyEntry]:
        """The keys of IAM users that are not known to be deleted."""
        keys = (read_key(item) for item in self._scan() if is_key(item))
        return (key for key in keys if key.deletion is None and key.owner != ROOT)

    def _users(self) -> Iterator[UserEntry]:
        return (read_user(item) for item in self._scan() if is_user(item))

    def _scan(self) -> Iterator[dict[str, Any]]:
        with aws_errors(_OPERATION):
            yield from self._table.scan()
