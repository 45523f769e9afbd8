"""What a listing of IAM tells the ledger: what is there now, not who did it and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.user_entry import UserEntry

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.iam import IamUser, ListedKey

# IAM is eventually consistent: within this time before a listing a record is believed more than the listing
# (IAM user guide, troubleshooting, "changes that I make are not always immediately visible").
CONSISTENT_AFTER = timedelta(seconds=60)


def listed_key(key: ListedKey, owner_name: str, owner_id: str, at: datetime) -> KeyEntry:
    as_of = at - CONSISTENT_AFTER
    return KeyEntry(
        access_key_id=key.access_key_id,
        owner_name=Observed(value=owner_name, at=max(as_of, key.created_at)),
        owner_id=owner_id,
        created_at=key.created_at,
        listed=Observed(value=key.status, at=max(as_of, key.created_at), settled=key.created_at > as_of),
        seen=at,
    )


def listed_user(user: IamUser, at: datetime) -> UserEntry:
    return replace(described_user(user, max(at - CONSISTENT_AFTER, user.created_at)), seen=at)


def described_user(user: IamUser, as_of: datetime) -> UserEntry:
    """The user who bears the name, known to do so since `as_of`, at which others may have borne it."""
    return UserEntry(
        name=user.name,
        user_id=Observed(value=user.user_id, at=as_of),
        path=Observed(value=user.path, at=as_of),
        tags={name: Observed(value=value, at=as_of) for name, value in user.tags.items()},
        tags_as_of=as_of,
    )


def settled_status(entry: KeyEntry, listed: ListedKey) -> KeyEntry:
    """IAM's word on what records of one second left open."""
    disputed = entry.switched
    if disputed is None:
        return entry
    note = Observed(value=listed.status, at=disputed.at, settled=True)
    return KeyEntry(access_key_id=entry.access_key_id, switched=note)


def settled_tags(entry: UserEntry, listed: IamUser) -> UserEntry:
    tags = {
        name: Observed(value=listed.tags.get(name), at=tag.at, settled=True)
        for name, tag in entry.tags.items()
        if tag.disputed
    }
    return UserEntry(name=entry.name, tags=tags)


def gone_key(entry: KeyEntry, at: datetime) -> KeyEntry:
    """A complete listing of its owner's keys, or the owner's absence, says that it is gone."""
    return KeyEntry(
        access_key_id=entry.access_key_id, deletion=Occurrence(after=entry.known_alive_at, until=at)
    )


def gone_user(entry: UserEntry, at: datetime) -> UserEntry:
    return UserEntry(name=entry.name, deletions=(Occurrence(after=entry.known_there_at, until=at),))
