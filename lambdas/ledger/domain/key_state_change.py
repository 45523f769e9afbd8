"""A key that was switched off while it was in use: an outage foreseen, before any call has failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import ACTIVE

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.iam_events import IamEvent
    from lambdas.ledger.domain.key_entry import KeyEntry

# Deactivate, wait, delete: who retires keys so has waited for the failures, and deletes what nobody missed.
WAITED_FOR_FAILURES = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class KeyStateChange:
    """What took the key out of service: the name of the IAM call, when, and by whom."""

    access_key_id: str
    event_name: str
    at: datetime
    by: str
    user_name: str


def switch_off(event: IamEvent, entry: KeyEntry) -> KeyStateChange:
    return KeyStateChange(
        access_key_id=entry.access_key_id,
        event_name=event.event_name,
        at=event.at,
        by=event.by,
        user_name=entry.owner,
    )


def was_in_use(entry: KeyEntry, at: datetime, window: timedelta) -> bool:
    """Whether the key was used within the window before it was switched off, at `at`."""
    if entry.last_use is None or _was_off_before(entry, at):
        return False
    return entry.last_use.at >= at - window


def _was_off_before(entry: KeyEntry, at: datetime) -> bool:
    """A user's deletion meets keys too that were deleted long before it."""
    status, ended = entry.status, entry.deletion
    since = [status.at] if status and status.value != ACTIVE else []
    since += [ended.until] if ended else []
    return any(moment < at - WAITED_FOR_FAILURES for moment in since)
