"""The result of the rotation of a key, as its incident stores it and its event shows it."""

from __future__ import annotations

from lambdas.aws.domain.times import iso
from lambdas.incidents.domain.incident import RotationEnd
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.text import printable

_SUCCEEDED = {NotificationKind.ROTATION_SUCCEEDED: True, NotificationKind.ROTATION_FAILED: False}


def rotation_end(notification: Notification) -> RotationEnd | None:
    """None if the notification reports no result of a rotation."""
    if notification.kind not in _SUCCEEDED:
        return None
    return RotationEnd(
        succeeded=_SUCCEEDED[notification.kind],
        at=notification.at.replace(microsecond=0),
        new_key=notification.new_key_id,
        reason=printable(notification.reason),
    )


def rotation_map(end: RotationEnd) -> dict[str, str]:
    """`outcome` is succeeded or failed; `newKey` and `reason` are `-` where there is none."""
    return {
        "outcome": "succeeded" if end.succeeded else "failed",
        "at": iso(end.at),
        "newKey": end.new_key or "-",
        "reason": end.reason or "-",
    }
