"""Creates a key for a user, after freeing a slot if necessary. Wherever a run is interrupted, the records
show the next one which key is the rotation's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import KEYS_ALLOWED, LastUse, ListedKey
from lambdas.aws.domain.wording import moment
from lambdas.errors import BusyError, TransientError
from lambdas.ledger.last_use import describe_keys, read_last_use
from lambdas.rotation.deletion_evidence import DeletionEvidenceReader
from lambdas.rotation.domain.dependent_fields import with_new_key
from lambdas.rotation.domain.key_deletion import Deletion, DeletionEvidence, decide_deletion
from lambdas.rotation.domain.key_slots import inactive_key, removable_key
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
from lambdas.rotation.domain.notification import Notification, NotificationKind, NotificationQueue
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT
from lambdas.rotation.key_removal import delete_if_unchanged
from lambdas.rotation.ports import (
    CreationDeniedError,
    KeyQuotaError,
    NoFreeSlotError,
    OtherValueError,
    Rotations,
    Secrets,
    UserKeys,
)
from lambdas.rotation.secret_snapshot import SecretSnapshot

_ATTEMPTS_TO_RECORD = 3
# CloudTrail delivers a record within 5 minutes on average, and guarantees nothing (CloudTrail user guide,
# "How CloudTrail works"). A person can decide after an hour.
RECORDS_ARRIVE_WITHIN = timedelta(hours=1)


@dataclass(kw_only=True, eq=False, repr=False)
class KeyCreator:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    evidence: DeletionEvidenceReader
    notifications: NotificationQueue
    clock: Callable[[], datetime]

    def create(self, snapshot: SecretSnapshot, token: str, current: ManagedSecret, user_id: str) -> None:
        """Raises NoFreeSlotError if no slot can be freed; TransientError if that is not known yet."""
        user, name = current.user_name, snapshot.name
        listed = self.keys.list_keys(user) or ()
        snapshot = replace(snapshot, state=snapshot.state.bound_to(user, user_id))
        to_delete, reason = self._key_to_delete(snapshot, listed, user)
        intended = snapshot.state.with_intent(token, _ids(listed), self.clock()).with_keys_abandoned(
            {to_delete}
        )
        self.rotations.write(intended)  # at each attempt: it shows all others that a run is under way
        if to_delete:
            key = next(key for key in listed if key.access_key_id == to_delete)
            new = self._create_in_freed_slot(snapshot, user, key, reason)
        else:
            new = self._create(user, name)
        self.record(name, new.access_key_id, token)
        try:
            self.secrets.put_pending(name, token, with_new_key(current, new))
        except OtherValueError:
            self.keys.delete(user, new.access_key_id)  # another run was faster, and nobody has this key

    def record(self, secret_name: str, access_key_id: str, token: str) -> None:
        """This record contradicts none of another run's."""
        self._update(
            secret_name,
            lambda state: (
                state
                if state.created_key(access_key_id)
                else state.with_created(access_key_id, token, self.clock())
            ),
        )

    def _create_in_freed_slot(
        self, snapshot: SecretSnapshot, user: str, to_delete: ListedKey, reason: Deletion
    ) -> NewKey:
        """Asks IAM for the key first. It checks the permission before the quota, so a denial costs no key."""
        with suppress(KeyQuotaError):
            return self._create(user, snapshot.name)  # a slot has become free in the meantime
        if reason is Deletion.UNUSED:
            self.notifications.send(self._removal(snapshot, user, to_delete.access_key_id))
        if not delete_if_unchanged(self.keys, user, to_delete):
            raise TransientError(f"{to_delete.access_key_id} was reactivated when it was to be deleted")
        return self._create(user, snapshot.name)

    def _create(self, user: str, secret_name: str) -> NewKey:
        """Remembers a denial, so that no incident starts a rotation in vain."""
        try:
            return self.keys.create(user, secret_name)
        except CreationDeniedError:
            now = self.clock()
            self._update(secret_name, lambda state: replace(state, creation_denied_at=now))
            raise

    def _update(self, secret_name: str, change: Callable[[RotationState], RotationState]) -> None:
        """Retries when another run has written."""
        for attempt in range(1, _ATTEMPTS_TO_RECORD + 1):
            state = self.rotations.read(secret_name)
            changed = change(state)
            if changed == state:
                return
            try:
                self.rotations.write(changed)
            except BusyError:
                if attempt == _ATTEMPTS_TO_RECORD:
                    raise
            else:
                return

    def _key_to_delete(
        self, snapshot: SecretSnapshot, listed: tuple[ListedKey, ...], user: str
    ) -> tuple[str, Deletion]:
        """The key and why it may be deleted; empty if a slot is free."""
        if len(listed) < KEYS_ALLOWED:
            return "", Deletion.KEPT
        evidence = self.evidence.with_others(snapshot)
        lost = _lost_key(listed, evidence) or _lost_key(
            listed, evidence := self.evidence.with_creators(evidence, listed)
        )
        if not lost:
            self._check_decided(listed, evidence)
        uses = {} if lost else self._uses(listed)
        to_delete = lost or removable_key(listed, evidence.with_last_uses(uses))
        if not to_delete or len(listed) > KEYS_ALLOWED:
            held = " and ".join(describe_keys(self.keys, listed, uses))
            unknown = _unattributed_clause(listed, evidence)
            reason = f"no free slot for a new key: {user} holds {held}{unknown}"
            inactive = inactive_key(listed, snapshot.key_id(CURRENT))
            raise NoFreeSlotError(reason, tuple(_ids(listed)), inactive)
        return to_delete, Deletion.LOST if lost else Deletion.UNUSED

    def _check_decided(self, listed: Iterable[ListedKey], evidence: DeletionEvidence) -> None:
        """Raises TransientError if a later attempt may free a slot."""
        decisions = [(key, decide_deletion(key, evidence)) for key in listed]
        if any(decision is Deletion.IN_FLIGHT for _, decision in decisions):
            raise TransientError("another run of this rotation may still be under way")
        since = self.clock() - RECORDS_ARRIVE_WITHIN
        for key, decision in decisions:
            if decision is Deletion.UNATTRIBUTED and key.created_at > since:
                raise TransientError(f"CloudTrail does not show yet who created {key.access_key_id}")

    def _uses(self, listed: tuple[ListedKey, ...]) -> dict[str, LastUse | None]:
        """Of inactive keys; no other key is deleted. Raises TransientError if IAM does not answer."""
        inactive = [key.access_key_id for key in listed if not key.is_active]
        return {key: read_last_use(self.keys, key) for key in inactive}

    def _removal(self, snapshot: SecretSnapshot, user: str, access_key_id: str) -> Notification:
        return Notification(
            notification_id=f"{NotificationKind.KEY_REMOVED}:{access_key_id}",
            kind=NotificationKind.KEY_REMOVED,
            at=self.clock(),
            secret_name=snapshot.name,
            user_name=user,
            access_key_id=access_key_id,
        )


def _lost_key(listed: Iterable[ListedKey], evidence: DeletionEvidence) -> str:
    lost = (key.access_key_id for key in listed if decide_deletion(key, evidence) is Deletion.LOST)
    return next(lost, "")


def _unattributed_clause(listed: Iterable[ListedKey], evidence: DeletionEvidence) -> str:
    """Names the keys whose creation CloudTrail will not show any more."""
    unknown = [key for key in listed if decide_deletion(key, evidence) is Deletion.UNATTRIBUTED]
    if not unknown:
        return ""
    since = " and ".join(f"{key.access_key_id} (since {moment(key.created_at)})" for key in unknown)
    return f"; CloudTrail has no record of who created {since}: delete the key that nobody needs"


def _ids(listed: tuple[ListedKey, ...]) -> list[str]:
    return [key.access_key_id for key in listed]
