"""The changes of a key that the ledger's entry tells, as CloudTrail's history would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import ACTIVE, ROOT, KeyChange
from lambdas.aws.domain.iam_events import CREATE_KEY, DELETE_KEY, UPDATE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.ledger.domain.key_entry import KeyEntry


def changes_of(entry: KeyEntry) -> tuple[KeyChange, ...]:
    """The newest first. Of what a listing told only the creation, whose time IAM gives."""
    return tuple(sorted(_changes(entry), key=lambda change: change.at, reverse=True))


def _changes(entry: KeyEntry) -> Iterator[KeyChange]:
    user_name = "" if entry.owner == ROOT else entry.owner
    if entry.created_at:
        yield KeyChange(event_name=CREATE_KEY, at=entry.created_at, by=entry.created_by, user_name=user_name)
    status = entry.switched if entry.switched == entry.status else None
    if status and status.by and (status.value != ACTIVE or status.at != entry.created_at):
        yield KeyChange(
            event_name=UPDATE_KEY, at=status.at, by=status.by, user_name=user_name, status=status.value
        )
    ended = entry.deletion
    if ended and ended.recorded:
        yield KeyChange(event_name=DELETE_KEY, at=ended.until, by=ended.by, user_name=user_name)
