"""A managed secret that somebody has deleted, told once, with the keys that outlive it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.rotation.domain.notification import Notification, NotificationKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.rotation.domain.notification import NotificationQueue
    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.ports import Rotations, UserKeys

_MADE_UP_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class DeletedSecrets:
    rotations: Rotations
    keys: UserKeys
    notifications: NotificationQueue
    clock: Callable[[], datetime]

    def report(self, secret_name: str) -> None:
        """For a day by each run, so that one that died before it told is made up for; it is one
        notification all the same. Raises TransientError where it cannot be told.
        """
        state = self.rotations.read(secret_name)
        ended_at = state.ended_at or self.clock()
        if state.ended_at is None:
            self.rotations.write(replace(state, ended_at=ended_at))
        if ended_at >= self.clock() - _MADE_UP_FOR:
            self.notifications.send(self._notice(state, ended_at))

    def _notice(self, state: RotationState, ended_at: datetime) -> Notification:
        listed = self.keys.list_keys(state.user_name) if state.user_name else None
        alive = [
            key.access_key_id for key in listed or () if key.is_active and state.names(key.access_key_id)
        ]
        return Notification(
            notification_id=f"{NotificationKind.SECRET_GONE}:{state.secret_name}:{ended_at.isoformat()}",
            kind=NotificationKind.SECRET_GONE,
            at=ended_at,
            secret_name=state.secret_name,
            user_name=state.user_name,
            facts=tuple(f"{key} is active." for key in alive) or ("None of its keys is active.",),
        )
