"""Converts IAM's answers to ledger entries. A listing shows what exists now, not who changed it and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import IamUser, ListedKey
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.ledger.domain.user_tags import bounded, stored_value

# IAM is eventually consistent, so a record of this time before a listing outweighs the listing (IAM user
# guide, troubleshooting, "changes that I make are not always immediately visible").
CONSISTENT_AFTER = timedelta(seconds=60)


def listed_key(key: ListedKey, owner_name: str, owner_id: str, at: datetime) -> KeyEntry:
    reliable_at = at - CONSISTENT_AFTER
    as_of = max(reliable_at, key.created_at)
    return KeyEntry(
        access_key_id=key.access_key_id,
        owner_name=Observed(value=owner_name, at=as_of),
        owner_id=owner_id,
        created_at=key.created_at,
        listed_status=Observed(value=key.status, at=as_of, confirmed=key.created_at > reliable_at),
        last_listed_at=at,
    )


def listed_user(user: IamUser, at: datetime) -> UserEntry:
    described = described_user(user, max(at - CONSISTENT_AFTER, user.created_at))
    return replace(described, last_listed_at=at)


def described_user(user: IamUser, as_of: datetime) -> UserEntry:
    """`as_of` is the earliest moment since which the user certainly has the name."""
    return UserEntry(
        name=user.name,
        user_id=Observed(value=user.user_id, at=as_of),
        path=Observed(value=user.path, at=as_of),
        tags=bounded(
            {name: Observed(value=stored_value(value), at=as_of) for name, value in user.tags.items()}
        ),
        tags_as_of=as_of,
    )


def resolved_status(entry: KeyEntry, listed: ListedKey) -> KeyEntry:
    """Resolves the conflict between records of one second by IAM's answer."""
    conflicting = entry.recorded_status
    if conflicting is None:
        return entry
    status = Observed(value=listed.status, at=conflicting.at, confirmed=True)
    return KeyEntry(access_key_id=entry.access_key_id, recorded_status=status)


def resolved_tags(entry: UserEntry, listed: IamUser) -> UserEntry:
    tags = {
        name: Observed(value=stored_value(listed.tags.get(name)), at=tag.at, confirmed=True)
        for name, tag in entry.tags.items()
        if tag.conflicting
    }
    return UserEntry(name=entry.name, tags=tags)


def missing_key(entry: KeyEntry, at: datetime) -> KeyEntry:
    """For a key that a complete listing of its owner's keys lacks, or whose owner does not exist."""
    return KeyEntry(
        access_key_id=entry.access_key_id, deletion=Occurrence(after=entry.last_known_at, until=at)
    )


def missing_user(entry: UserEntry, at: datetime) -> UserEntry:
    return UserEntry(name=entry.name, deletions=(Occurrence(after=entry.last_known_at, until=at),))
