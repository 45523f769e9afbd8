"""Ledger entries as DynamoDB items.

A key's item has the entry's fields, what the indexes need (`ownerName`, `tail`, `middle`), and `state`
(Active, Inactive or Deleted) for people who read the table. A user's item has the key `user:<name>`, which no
access key can have, and the same `ownerName` as its keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lambdas.aws.domain.times import iso
from lambdas.codec import from_plain, rename, to_plain
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.near_miss import middle, tail
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.user_entry import UserEntry

# The table's indexes. domain/near_miss.py explains what tail and middle are for.
OWNER_INDEX = "OwnerIndex"  # a user's rotation states; for people, all keys that a name ever had
OWNER_END_INDEX = "OwnerEndIndex"  # by `ownerEnd`, so that the last ones can be read alone
TAIL_INDEX = "TailIndex"
MIDDLE_INDEX = "MiddleIndex"
USER_PREFIX = "user:"  # of the items' keys; the permissions name it
NO_KEY_CONTAINS = ":"  # the keys of all other items do
_NOT_DELETED = "not deleted"  # sorts after every time
_FOUND_BY_SYNC = "Who deleted it, and exactly when, is unknown: a sync found it missing, without a record."

rename(KeyEntry, owner_name="ownerObserved")  # ownerName is the text that the index needs
rename(UserEntry, name="ownerName")


def user_item_id(name: str) -> str:
    return USER_PREFIX + name


def is_key(item: Mapping[str, Any]) -> bool:
    return NO_KEY_CONTAINS not in item["accessKeyId"]


def is_user(item: Mapping[str, Any]) -> bool:
    identifier: str = item["accessKeyId"]
    return identifier.startswith(USER_PREFIX)


def key_item(entry: KeyEntry) -> dict[str, Any]:
    item = to_plain(entry) | {
        "tail": tail(entry.access_key_id),
        "middle": middle(entry.access_key_id),
        "state": entry.state,
    }
    if entry.owner:  # DynamoDB indexes no empty text
        item["ownerName"] = entry.owner
        item["ownerEnd"] = iso(entry.deletion.until) if entry.deletion else _NOT_DELETED
    if entry.deletion:
        _explain([entry.deletion], [item["deletion"]])
    return item


def user_item(entry: UserEntry) -> dict[str, Any]:
    item = to_plain(entry) | {"accessKeyId": user_item_id(entry.name)}
    _explain(entry.deletions, item.get("deletions", ()))
    return item


def read_key(item: Mapping[str, Any]) -> KeyEntry:
    return from_plain(KeyEntry, item)


def read_user(item: Mapping[str, Any]) -> UserEntry:
    return from_plain(UserEntry, item)


def _explain(deletions: Iterable[Occurrence], items: Iterable[dict[str, Any]]) -> None:
    """Explains to people who read the table why a deletion has no `by`."""
    for deletion, item in zip(deletions, items, strict=True):
        if not deletion.is_recorded:
            item["unknown"] = _FOUND_BY_SYNC
