"""What a record of a key's or a user's life tells the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.evidence import ACTIVE
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Noted
from lambdas.ledger.domain.occurrence import recorded
from lambdas.ledger.domain.user_entry import UserEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CREATE_KEY = "CreateAccessKey"
UPDATE_KEY = "UpdateAccessKey"
DELETE_KEY = "DeleteAccessKey"
CREATE_USER = "CreateUser"
DELETE_USER = "DeleteUser"
RENAME_USER = "UpdateUser"
TAG_USER = "TagUser"
UNTAG_USER = "UntagUser"
KEY_EVENTS = frozenset({CREATE_KEY, UPDATE_KEY, DELETE_KEY})
USER_EVENTS = frozenset({CREATE_USER, DELETE_USER, RENAME_USER, TAG_USER, UNTAG_USER})


@dataclass(frozen=True, kw_only=True)
class LifeCycleEvent:
    """A successful call, to the second at which CloudTrail recorded it. `user_name` is ROOT where a key
    of the root user is meant. `tags` are those it set; the value of one that it took off is None.
    """

    event_name: str
    at: datetime
    by: str
    user_name: str
    access_key_id: str = ""
    status: str = ""
    user_id: str = ""
    path: str = ""
    new_name: str = ""
    tags: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def switches_off(self) -> bool:
        """Whether a key stops working with it, or all keys of a user have stopped."""
        deactivates = self.event_name == UPDATE_KEY and self.status not in {"", ACTIVE}
        return deactivates or self.event_name in {DELETE_KEY, DELETE_USER}


def key_entry(event: LifeCycleEvent, owner_name: Noted[str]) -> KeyEntry:
    """`owner_name` is the owner's as of now: it may have been renamed since the event."""
    created = event.event_name == CREATE_KEY
    status = ACTIVE if created else event.status
    return KeyEntry(
        access_key_id=event.access_key_id,
        owner_name=owner_name,
        created_at=event.at if created else None,
        created_by=event.by if created else "",
        switched=Noted(value=status, at=event.at, by=event.by) if status else None,
        deletion=recorded(event.at, event.by) if event.event_name == DELETE_KEY else None,
    )


def user_entry(event: LifeCycleEvent) -> UserEntry:
    created = event.event_name == CREATE_USER
    renamed = Noted(value=event.new_name, at=event.at, by=event.by)
    return UserEntry(
        name=event.user_name,
        user_id=Noted(value=event.user_id, at=event.at) if event.user_id else None,
        path=Noted(value=event.path, at=event.at) if event.path else None,
        deletions=(recorded(event.at, event.by),) if event.event_name == DELETE_USER else (),
        renamings=(renamed,) if event.new_name else (),
        tags={name: Noted(value=value, at=event.at, by=event.by) for name, value in event.tags.items()},
        tags_as_of=event.at if created else None,
    )
