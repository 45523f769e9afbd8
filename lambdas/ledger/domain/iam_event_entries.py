"""Converts a recorded IAM call to ledger entries, to be merged with those that exist."""

from __future__ import annotations

from lambdas.aws.domain.iam import ACTIVE
from lambdas.aws.domain.iam_events import CREATE_KEY, CREATE_USER, DELETE_KEY, DELETE_USER, IamEvent
from lambdas.ledger.domain.enrolment_tags import own_tag
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.ledger.domain.user_tags import bounded, stored_value


def key_entry(event: IamEvent, owner_name: Observed[str]) -> KeyEntry:
    """`owner_name` is the owner's current name: it may have been renamed since the event."""
    created = event.event_name == CREATE_KEY
    value = ACTIVE if created else event.status
    status = Observed(value=value, at=event.at, by=event.by) if value else None
    return KeyEntry(
        access_key_id=event.access_key_id,
        owner_name=owner_name,
        created_at=event.at if created else None,
        created_by=event.by if created else "",
        created_from=event.source if created else "",
        creation_recorded_at=event.at if created else None,
        recorded_status=status,
        statuses=(status,) if status and not created else (),
        deletion=recorded(event.at, event.by) if event.event_name == DELETE_KEY else None,
    )


def user_entry(event: IamEvent) -> UserEntry:
    created = event.event_name == CREATE_USER
    renaming = Observed(value=event.new_name, at=event.at, by=event.by)
    return UserEntry(
        name=event.user_name,
        user_id=Observed(value=event.user_id, at=event.at) if event.user_id else None,
        path=Observed(value=event.path, at=event.at) if event.path else None,
        deletions=(recorded(event.at, event.by),) if event.event_name == DELETE_USER else (),
        renamings=(renaming,) if event.new_name else (),
        tags=bounded(
            {
                own_tag(name) or name: Observed(value=_value(name, value), at=event.at, by=event.by)
                for name, value in event.tags.items()
            }
        ),
        tags_as_of=event.at if created else None,
    )


def _value(name: str, value: str | None) -> str | None:
    """A tag of the remediator's that is set in another spelling replaces the right one, which is gone."""
    return None if own_tag(name) not in {"", name} else stored_value(value)
