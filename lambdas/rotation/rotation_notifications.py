"""What the rotation function tells of a rotation: that it succeeded, or which step failed and how things are.

A success that cannot be told fails the step, which may be repeated: the next attempt finds the work done and
tells it. A failure that cannot be told must not hide why the step failed; the next attempt tells it, or at
last Secrets Manager's own record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.aws.domain.wording import moment
from lambdas.errors import PermanentError, TransientError
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.rotation.domain.notification_ids import PERSISTS_AFTER, failed_id, secret_name_of, succeeded_id
from lambdas.rotation.ports import CURRENT, PREVIOUS, NoFreeSlotError, RefusedError
from lambdas.text import sanitize_prose

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.rotation.domain.managed_secret import ManagedSecret
    from lambdas.rotation.domain.notification import NotificationQueue
    from lambdas.rotation.ports import ReadRotations, Secrets, SecretVersions


@dataclass(frozen=True, kw_only=True)
class RotationNotifications:
    secrets: Secrets
    rotations: ReadRotations
    notifications: NotificationQueue
    clock: Callable[[], datetime]

    def send_success(self, secret: str, token: str) -> None:
        """After the step finishSecret. Raises TransientError where it cannot be told."""
        described = self.secrets.versions_of(secret)
        new, old = self._value(described, token), self._value(described, described.labelled(PREVIOUS))
        if described.labelled(CURRENT) != token or new is None:
            return
        replaced = old.key_id if old else ""
        self.notifications.send(
            Notification(
                notification_id=succeeded_id(described.name, token),
                kind=NotificationKind.ROTATION_SUCCEEDED,
                at=self.clock(),
                secret_name=described.name,
                user_name=new.user_name,
                access_key_id=replaced,
                new_key_id=new.key_id,
                token=token,
                facts=(f"AWSCURRENT names {new.key_id}.", *self._of_the_replaced(described.name, replaced)),
            )
        )

    def send_failure(self, step: str, secret: str, token: str, error: Exception) -> None:
        """What may pass by itself is told once it has lasted. Raises TransientError where it cannot be."""
        name, now = secret_name_of(secret), self.clock()
        user_name, current, facts = self._state_of(secret, token)
        is_final = isinstance(error, PermanentError)
        self.notifications.send(
            Notification(
                notification_id=failed_id(name, token),
                kind=NotificationKind.ROTATION_FAILED,
                at=now,
                secret_name=name,
                user_name=user_name,
                access_key_id=current,
                step=step,
                reason=_reason(error),
                facts=facts,
                token=token,
                refused=isinstance(error, RefusedError),
                held_keys=error.held if isinstance(error, NoFreeSlotError) else (),
                unless_told=succeeded_id(name, token),
                not_before=None if is_final else now + PERSISTS_AFTER,
            )
        )

    def _of_the_replaced(self, secret_name: str, access_key_id: str) -> list[str]:
        noted = self.rotations.read(secret_name).superseded
        kept_until = {one.access_key_id: one.retire_after for one in noted}
        if access_key_id not in kept_until:
            return []
        until = moment(kept_until[access_key_id])
        return [
            f"{access_key_id} works on at least until {until}, and for as long as somebody uses it.",
        ]

    def _state_of(self, secret: str, token: str) -> tuple[str, str, tuple[str, ...]]:
        """The user, the key that AWSCURRENT names, and facts; what cannot be read is said to be unknown."""
        try:
            described = self.secrets.versions_of(secret)
            current = self._value(described, described.labelled(CURRENT))
            made = self.rotations.read(described.name).made_under(token)
        except (PermanentError, TransientError):
            return "", "", ("In which state the secret is could not be read.",)
        user_name, key = (current.user_name, current.key_id) if current else ("", "")
        if described.labelled(CURRENT) == token:
            return user_name, key, (f"AWSCURRENT names the new key {key}, which was tested.",)
        names = f"names {key} as before" if key else "names no key, as before"
        waiting = [f"{key_id} was made and waits under AWSPENDING." for key_id in sorted(made)]
        unchanged = f"AWSCURRENT is unchanged and {names}: nothing was put into service."
        return user_name, key, (unchanged, *(waiting or ["No new key is known to have been made."]))

    def _value(self, described: SecretVersions, version: str) -> ManagedSecret | None:
        return self.secrets.value(described.name, version) if version else None


def _reason(error: Exception) -> str:
    """Of an error of our own its text, which has no secret in it; of a fault its kind alone."""
    if isinstance(error, (PermanentError, TransientError)):
        return sanitize_prose(str(error))
    return f"a fault of the function itself ({type(error).__name__}), of which its log tells more"
