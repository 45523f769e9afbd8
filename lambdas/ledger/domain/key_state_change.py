"""A change of a key's state, and whether it causes an outage: the key was in use when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.aws.domain.exposure import EXPOSURES
from lambdas.aws.domain.iam_events import ATTACH_USER_POLICY, IamEvent
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.status_history import inactive_since

# An actor who waits this long between deactivating and deleting a key has made sure that nobody needs it.
SUFFICIENT_WAIT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class KeyStateChange:
    """A deactivation, reactivation or deletion, or what AWS reports of a leak."""

    access_key_id: str
    event_name: str  # of the IAM call
    at: datetime
    by: str
    user_name: str

    @property
    def is_quarantine(self) -> bool:
        return self.event_name == ATTACH_USER_POLICY

    @property
    def is_leak(self) -> bool:
        return self.event_name in EXPOSURES | {ATTACH_USER_POLICY}


def to_state_change(event: IamEvent, entry: KeyEntry) -> KeyStateChange:
    return KeyStateChange(
        access_key_id=entry.access_key_id,
        event_name=event.event_name,
        at=event.at,
        by=event.by,
        user_name=entry.owner,
    )


def was_in_use(entry: KeyEntry, at: datetime, window: timedelta) -> bool:
    """Whether the key was used within the window before it was deactivated or deleted, at `at`."""
    if entry.last_use is None or _was_unusable_long_before(entry, at):
        return False
    return entry.last_use.at >= at - window


def _was_unusable_long_before(entry: KeyEntry, at: datetime) -> bool:
    """A user's deletion is also tracked for those of its keys that were deleted long before."""
    since = (inactive_since(entry), entry.deletion.until if entry.deletion else None)
    return any(moment < at - SUFFICIENT_WAIT for moment in since if moment)
