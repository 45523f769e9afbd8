"""Ledger entries as DynamoDB items.

A key's item: `accessKeyId` (partition key), `ownerName` (partition of the index by owner), `tail` and
`middle` (the parts of the id by which near misses are found), `state` (Active, Inactive or Deleted, for
people who look), and the entry's fields. A user's item has `accessKeyId` `user:` and its name, which no key
can have, and lies under the same `ownerName` as its keys. `version` counts writes. Times are ISO texts.
A `deletion` that a listing noticed has no `by`: the sync cannot know who it was, nor when exactly, and says
so in `unknown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.item_codec import iso_or_none, time_of
from lambdas.aws.domain.iam import LastUse
from lambdas.aws.json_fields import utc_time
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.near_miss import middle_of, tail_of
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.user_entry import UserEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

_USER = "user:"
_NOTICED = "Who and when exactly is not known: no record came, a sync noticed it."


def user_item_id(name: str) -> str:
    return _USER + name


def is_key(item: Mapping[str, Any]) -> bool:
    """The table has other items too, all of whose ids have a colon."""
    return ":" not in item["accessKeyId"]


def is_user(item: Mapping[str, Any]) -> bool:
    identifier: str = item["accessKeyId"]
    return identifier.startswith(_USER)


def key_item(entry: KeyEntry) -> dict[str, Any]:
    use = entry.last_use
    return _present(
        {
            "accessKeyId": entry.access_key_id,
            "ownerName": entry.owner,
            "ownerNoted": _noted(entry.owner_name),
            "ownerId": entry.owner_id,
            "tail": tail_of(entry.access_key_id),
            "middle": middle_of(entry.access_key_id),
            "state": entry.state,
            "createdAt": iso_or_none(entry.created_at),
            "createdBy": entry.created_by,
            "switched": _noted(entry.switched),
            "listed": _noted(entry.listed),
            "seen": iso_or_none(entry.seen),
            "deletion": _happening(entry.deletion),
            "lastUse": {"at": iso_or_none(use.at), "service": use.service, "region": use.region}
            if use
            else None,
            "useAskedAt": iso_or_none(entry.use_asked_at),
        }
    )


def key_of(item: Mapping[str, Any]) -> KeyEntry:
    use = item.get("lastUse")
    return KeyEntry(
        access_key_id=item["accessKeyId"],
        owner_name=_read_noted(item.get("ownerNoted")),
        owner_id=item.get("ownerId", ""),
        created_at=utc_time(item.get("createdAt")),
        created_by=item.get("createdBy", ""),
        switched=_read_noted(item.get("switched")),
        listed=_read_noted(item.get("listed")),
        seen=utc_time(item.get("seen")),
        deletion=_read_happening(item.get("deletion")),
        last_use=LastUse(at=time_of(use["at"]), service=use["service"], region=use["region"])
        if use
        else None,
        use_asked_at=utc_time(item.get("useAskedAt")),
    )


def user_item(entry: UserEntry) -> dict[str, Any]:
    return _present(
        {
            "accessKeyId": user_item_id(entry.name),
            "ownerName": entry.name,
            "userId": _noted(entry.user_id),
            "path": _noted(entry.path),
            "seen": iso_or_none(entry.seen),
            "deletions": [_happening(it) for it in entry.deletions],
            "renamings": [_noted(it) for it in entry.renamings],
            "tags": {name: _noted(tag) for name, tag in entry.tags.items()},
            "tagsAsOf": iso_or_none(entry.tags_as_of),
        }
    )


def user_of(item: Mapping[str, Any]) -> UserEntry:
    return UserEntry(
        name=item["ownerName"],
        user_id=_read_noted(item.get("userId")),
        path=_read_noted(item.get("path")),
        seen=utc_time(item.get("seen")),
        deletions=tuple(_the_happening(it) for it in item.get("deletions", ())),
        renamings=tuple(_the_note(it) for it in item.get("renamings", ())),
        tags={name: _the_tag(tag) for name, tag in item.get("tags", {}).items()},
        tags_as_of=utc_time(item.get("tagsAsOf")),
    )


def _present(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not known: DynamoDB indexes no empty text."""
    return {name: value for name, value in attributes.items() if value not in (None, "", [], {})}


def _noted(noted: Observed[Any] | None) -> dict[str, Any] | None:
    if noted is None:
        return None
    flags = {"settled": noted.settled, "disputed": noted.disputed}
    return {"value": noted.value, "at": iso_or_none(noted.at), "by": noted.by} | {
        name: flag for name, flag in flags.items() if flag
    }


def _the_tag(item: Mapping[str, Any]) -> Observed[str | None]:
    return Observed(
        value=item["value"],
        at=time_of(item["at"]),
        by=item["by"],
        settled=bool(item.get("settled")),
        disputed=bool(item.get("disputed")),
    )


def _the_note(item: Mapping[str, Any]) -> Observed[str]:
    tag = _the_tag(item)
    return Observed(value=tag.value or "", at=tag.at, by=tag.by, settled=tag.settled, disputed=tag.disputed)


def _read_noted(item: Mapping[str, Any] | None) -> Observed[str] | None:
    return _the_note(item) if item else None


def _happening(it: Occurrence | None) -> dict[str, Any] | None:
    if it is None:
        return None
    who = {"by": it.by} if it.recorded else {"unknown": _NOTICED}
    return _present({"after": iso_or_none(it.after), "until": iso_or_none(it.until)}) | who


def _the_happening(item: Mapping[str, Any]) -> Occurrence:
    return Occurrence(
        until=time_of(item["until"]),
        after=utc_time(item.get("after")),
        by=item.get("by", ""),
        recorded="by" in item,
    )


def _read_happening(item: Mapping[str, Any] | None) -> Occurrence | None:
    return _the_happening(item) if item else None
