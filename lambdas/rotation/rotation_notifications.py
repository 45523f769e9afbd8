"""Notifications about a rotation: it succeeded, or a step failed.

A success that cannot be sent fails the step: the next attempt finds the work done and sends it. A failure
that cannot be sent must not hide why the step failed: the next attempt sends it, or at last the record of
Secrets Manager itself is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.aws.domain.iam import Resolved, find_key
from lambdas.aws.domain.wording import moment
from lambdas.aws.ports import Keys
from lambdas.errors import PermanentError, TransientError
from lambdas.rotation.domain.binding import key_name
from lambdas.rotation.domain.dependent_fields import fields_left_behind, renewed_fields, with_new_key
from lambdas.rotation.domain.managed_secret import ManagedSecret
from lambdas.rotation.domain.notification import (
    PERSISTS_AFTER,
    Notification,
    NotificationKind,
    NotificationQueue,
    failed_id,
    succeeded_id,
)
from lambdas.rotation.domain.refusals import count_refusal
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, PREVIOUS, secret_name_of
from lambdas.rotation.ports import NoFreeSlotError, RefusedError, Rotations, Secrets
from lambdas.rotation.secret_snapshot import SecretSnapshot, read_snapshot
from lambdas.text import sanitize, sanitize_name, sanitize_prose

_FIELDS_SHOWN = 5


@dataclass(kw_only=True, eq=False, repr=False)
class RotationNotifications:
    secrets: Secrets
    keys: Keys
    rotations: Rotations
    notifications: NotificationQueue
    clock: Callable[[], datetime]

    def send_success(self, secret: str, token: str) -> None:
        """After the step finishSecret. Raises TransientError if it could not be handed over."""
        snapshot = read_snapshot(secret, self.secrets, self.rotations)
        new = snapshot.value(CURRENT)
        created = snapshot.state.created_key(new.key_id) if new else None
        if new is None or created is None or created.token != token:
            return
        replaced = created.replaces or snapshot.key_id(PREVIOUS)
        is_own = snapshot.state.superseded_key(replaced) is not None
        lender = "" if is_own else self._lender(replaced, snapshot.current.user_name)
        self.notifications.send(
            Notification(
                notification_id=succeeded_id(snapshot.name, token),
                kind=NotificationKind.ROTATION_SUCCEEDED,
                at=self.clock(),
                secret_name=snapshot.name,
                user_name=new.user_name,
                access_key_id="" if lender else replaced,
                new_key_id=new.key_id,
                token=token,
                facts=(
                    f"AWSCURRENT contains {new.key_id}.",
                    *([f"The borrowed key {replaced} is back with its user {lender}."] if lender else []),
                    *self._replaced_key_facts(snapshot, replaced),
                    *_field_facts(snapshot, new),
                ),
            )
        )

    def _lender(self, replaced: str, user_name: str) -> str:
        """The user whose key the secret had borrowed; empty if it was none, or if IAM does not answer."""
        try:
            answer = self.keys.look_up(replaced) if replaced else None
        except TransientError:
            return ""
        owner = answer.user_name if isinstance(answer, Resolved) else user_name
        return "" if owner == user_name else sanitize_name(owner)

    def send_fields_left_behind(self, secret: str) -> None:
        """When the function is set up for a secret: once for the same fields. Raises as send_success."""
        snapshot = read_snapshot(secret, self.secrets, self.rotations)
        facts = _fields_left_behind(snapshot.current)
        if not facts:
            return
        digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
        self.notifications.send(
            Notification(
                notification_id=f"{NotificationKind.FIELDS_NOT_RENEWED}:{snapshot.name}:{digest}",
                kind=NotificationKind.FIELDS_NOT_RENEWED,
                at=self.clock(),
                secret_name=snapshot.name,
                user_name=snapshot.current.user_name,
                access_key_id=snapshot.current.key_id,
                facts=facts,
            )
        )

    def send_failure(self, step: str, secret: str, token: str, error: Exception) -> None:
        """A failure that may pass is reported once it has lasted. Raises TransientError as send_success."""
        name, now = secret_name_of(secret), self.clock()
        user_name, current, facts = self._situation(secret, token)
        is_final = isinstance(error, PermanentError)
        repeats = self._count_refusal(name, token, error) if isinstance(error, RefusedError) else []
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
                facts=(*facts, *repeats),
                token=token,
                refused=isinstance(error, RefusedError),
                held_keys=error.held if isinstance(error, NoFreeSlotError) else (),
                inactive_key=error.inactive if isinstance(error, NoFreeSlotError) else "",
                unless_sent=succeeded_id(name, token),
                not_before=None if is_final else now + PERSISTS_AFTER,
            )
        )

    def _count_refusal(self, name: str, token: str, error: RefusedError) -> list[str]:
        """Recorded, so that the same refusal is not reported again the same day. The last uses of the keys
        that leave no slot are no part of the reason: they change.
        """
        reason = " ".join(error.held) if isinstance(error, NoFreeSlotError) else str(error)
        digest = hashlib.sha256(reason.encode()).hexdigest()
        state = self.rotations.read(name)
        refusal = count_refusal(state.refusal, digest, token, self.clock())
        if refusal != state.refusal:
            self.rotations.write(replace(state, refusal=refusal))
        if refusal.count == 1:
            return []
        return [f"{refusal.count} rotations were refused for this reason since {moment(refusal.since)}."]

    def _replaced_key_facts(self, snapshot: SecretSnapshot, access_key_id: str) -> list[str]:
        superseded = snapshot.state.superseded_key(access_key_id)
        if superseded is None:
            return []
        try:
            listed = snapshot.with_keys(self.keys, snapshot.current.user_name).listed
        except (PermanentError, TransientError):
            return [f"The status of {access_key_id} in IAM could not be read."]
        key = find_key(access_key_id, listed)
        if key is None:
            return [f"IAM no longer lists {access_key_id}."]
        if not key.is_active:
            return [f"IAM lists {access_key_id} as {sanitize(key.status)}: calls with it are refused."]
        until = moment(superseded.retire_after)
        return [f"{access_key_id} stays active at least until {until}, and for as long as somebody uses it."]

    def _last_known(self, secret: str) -> tuple[str, str, tuple[str, ...]]:
        unread = "The state of the secret could not be read."
        try:
            state = self.rotations.read(secret_name_of(secret))
        except TransientError:
            return "", "", (unread,)
        return state.user_name, state.current_key_id, (unread, *_last_known_key(state))

    def _situation(self, secret: str, token: str) -> tuple[str, str, tuple[str, ...]]:
        """The user, the key that AWSCURRENT names, and facts; empty if nothing can be read."""
        try:
            snapshot = read_snapshot(secret, self.secrets, self.rotations)
        except (PermanentError, TransientError):
            return self._last_known(secret)
        try:
            current = snapshot.value(CURRENT)
        except (PermanentError, TransientError):
            state, keys = snapshot.state, " and ".join(map(key_name, snapshot.description.key_ids))
            encrypted = f"The value of the secret, which is encrypted with {keys}, could not be read."
            return state.user_name, state.current_key_id, (encrypted, *_last_known_key(state))
        user_name, key = (current.user_name, current.key_id) if current else ("", "")
        if snapshot.description.labelled(CURRENT) == token:
            return user_name, key, (f"AWSCURRENT contains the new key {key}, which was tested.",)
        contents = f"still contains {key}" if key else "still contains no key"
        created = sorted(snapshot.state.created_under(token))
        waiting = [f"{key_id} was created and is stored under AWSPENDING." for key_id in created]
        unchanged = f"AWSCURRENT is unchanged and {contents}."
        return user_name, key, (unchanged, *(waiting or ["No new key is known to have been created."]))


def _last_known_key(state: RotationState) -> list[str]:
    return [f"When it was last read, it contained {state.current_key_id}."] if state.current_key_id else []


def _field_facts(snapshot: SecretSnapshot, new: ManagedSecret) -> tuple[str, ...]:
    """The names of the fields that were renewed with the key, and of those that were not."""
    old = snapshot.value(PREVIOUS)
    renewed = renewed_fields(old, with_new_key(old, new.key)) if old and new.key else ()
    names = ", ".join(sanitize(name, 40) for name in renewed[:_FIELDS_SHOWN])
    more = f" and {len(renewed) - _FIELDS_SHOWN} more" if len(renewed) > _FIELDS_SHOWN else ""
    return (*([f"Renewed with the key: {names}{more}."] if renewed else ()), *_fields_left_behind(new))


def _fields_left_behind(secret: ManagedSecret) -> tuple[str, ...]:
    """The names come from people, the reasons from us; no value is shown."""
    left = [f"Not renewed: {sanitize(one, 160)}." for one in fields_left_behind(secret)]
    more = [f"Not renewed: {len(left) - _FIELDS_SHOWN} more fields."] if len(left) > _FIELDS_SHOWN else []
    return (*left[:_FIELDS_SHOWN], *more)


def _reason(error: Exception) -> str:
    """The text of an error of our own, which contains no secret; only the type of any other error."""
    if isinstance(error, (PermanentError, TransientError)):
        return sanitize_prose(str(error))
    return f"an internal error of the function ({type(error).__name__}), see its log"
