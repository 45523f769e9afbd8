"""What an incident keeps of the rotation of its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.times import iso
from lambdas.incidents.domain.incident import RotationEnd
from lambdas.rotation.domain.notification import NotificationKind
from lambdas.text import printable

if TYPE_CHECKING:
    from lambdas.rotation.domain.notification import Notification

_SUCCEEDED = {NotificationKind.ROTATION_SUCCEEDED: True, NotificationKind.ROTATION_FAILED: False}


def rotation_end(notification: Notification) -> RotationEnd | None:
    """What the incident of the key keeps of it; None for a notification that is of no rotation."""
    if notification.kind not in _SUCCEEDED:
        return None
    return RotationEnd(
        succeeded=_SUCCEEDED[notification.kind],
        at=notification.at.replace(microsecond=0),
        new_key=notification.new_key_id,
        reason=printable(notification.reason),
    )


def rotation_map(end: RotationEnd) -> dict[str, str]:
    """For items and events: `outcome` (succeeded or failed), `at` (ISO, UTC), `newKey` and `reason`, the last
    two `-` where there is none.
    """
    return {
        "outcome": "succeeded" if end.succeeded else "failed",
        "at": iso(end.at),
        "newKey": end.new_key or "-",
        "reason": end.reason or "-",
    }
