"""Reports a managed secret that somebody has deleted, with its keys that are still active."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.retirement.retirement_notifications import CATCH_UP_WINDOW
from lambdas.rotation.domain.notification import Notification, NotificationKind, NotificationQueue
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.ports import Rotations, UserKeys


@dataclass(kw_only=True, eq=False, repr=False)
class DeletedSecrets:
    rotations: Rotations
    keys: UserKeys
    notifications: NotificationQueue
    clock: Callable[[], datetime]

    def report(self, secret_name: str) -> None:
        """Sends the same notification in every run for a day, in case an earlier run crashed before it did.

        Raises TransientError if it could not be handed over.
        """
        state = self.rotations.read(secret_name)
        deleted_at = state.deleted_at or self.clock()
        if state.deleted_at is None:
            self.rotations.write(replace(state, deleted_at=deleted_at))
        if deleted_at >= self.clock() - CATCH_UP_WINDOW:
            self.notifications.send(self._notification(state, deleted_at))

    def _notification(self, state: RotationState, deleted_at: datetime) -> Notification:
        listed = self.keys.list_keys(state.user_name) if state.user_name else None
        active = [key.access_key_id for key in listed or () if key.is_active]
        facts = [fact for key in active if (fact := _why_concerned(state, key))]
        return Notification(
            notification_id=f"{NotificationKind.SECRET_GONE}:{state.secret_name}:{deleted_at.isoformat()}",
            kind=NotificationKind.SECRET_GONE,
            at=deleted_at,
            secret_name=state.secret_name,
            user_name=state.user_name,
            facts=tuple(facts) or ("None of its keys is active.",),
        )


def _why_concerned(state: RotationState, access_key_id: str) -> str:
    """Empty for a key that has nothing to do with the secret. A rotation that was interrupted before it could
    record its key has recorded which keys the user had before.
    """
    if state.knows_key(access_key_id):
        return f"{access_key_id} is active."
    if any(access_key_id not in intent.existing for intent in state.intents.values()):
        return f"{access_key_id} is active. It was created after a rotation of this secret had begun."
    return ""
