"""The notification about a fail over that a person requested. The alert of an incident says it of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.domain.times import iso
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.domain.notification import Notification, NotificationKind, NotificationQueue
from lambdas.rotation.ports import ReadRotations
from lambdas.text import sanitize_name


@dataclass(kw_only=True, eq=False, repr=False)
class FailOverNotifications:
    rotations: ReadRotations
    notifications: NotificationQueue
    clock: Callable[[], datetime]

    def send(self, secret_name: str, done: FailOverResult) -> None:
        """Raises TransientError if it could not be handed over."""
        state = self.rotations.read(secret_name)
        self.notifications.send(
            Notification(
                notification_id=f"fail-over:{secret_name}:{done.access_key_id}:{iso(done.since)}",
                kind=NotificationKind.FAILED_OVER,
                at=self.clock(),
                secret_name=secret_name,
                user_name=state.user_name,
                access_key_id=state.previous_key_id,
                new_key_id=done.access_key_id,
                reason=f"it is a key of the backup user {sanitize_name(done.lender)}" if done.lender else "",
            )
        )
