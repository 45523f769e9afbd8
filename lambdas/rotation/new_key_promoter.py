"""Moves AWSCURRENT to the key that a rotation has created and tested, and records which key it replaced."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import find_key
from lambdas.errors import PermanentError, TransientError
from lambdas.rotation.domain.dependent_fields import with_new_key
from lambdas.rotation.domain.managed_secret import NewKey
from lambdas.rotation.domain.rotation_state import CreatedKey
from lambdas.rotation.domain.secret_description import CURRENT, EDITED, PREVIOUS
from lambdas.rotation.ports import KeyIdentity, RefusedError, Rotations, Secrets, UserKeys
from lambdas.rotation.secret_snapshot import SecretSnapshot

# IAM may list a new key only some time after it accepts it (aws-facts 5, eventual consistency).
LISTING_LAG = timedelta(minutes=15)
SECONDS_BETWEEN_LISTINGS = 5.0
MAX_LISTING_SECONDS = 60.0
MAX_SECOND_LISTING_SECONDS = 30.0  # after the promotion; both are shorter than the function's timeout
_NAMESPACE = uuid.UUID("5d0d2a4c-6a0e-4b53-8a3f-0b9a3c0f7c52")  # arbitrary, but it must never change


@dataclass(kw_only=True, eq=False, repr=False)
class NewKeyPromoter:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    identity: KeyIdentity
    grace: timedelta  # how long a replaced key is kept at least
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def finish(self, snapshot: SecretSnapshot, token: str) -> None:
        """Does nothing for a rotation that is over, whatever people did with AWSCURRENT since."""
        pending = snapshot.value_of(token)
        if pending is None or pending.key is None:
            raise PermanentError("the pending version has no key")
        current, previous = snapshot.current.key_id, snapshot.key_id(PREVIOUS)
        if current != pending.key_id and not snapshot.state.was_finished(token):
            self._promote(snapshot, token, pending.key)
            current, previous = pending.key_id, current
        self._record(snapshot.name, current, previous)
        self._drop_labels(snapshot, token)

    def _promote(self, snapshot: SecretSnapshot, token: str, key: NewKey) -> None:
        created = _created_and_tested(snapshot, token, key)
        user_name, current = snapshot.current.user_name, snapshot.description.labelled(CURRENT)
        self._check_is_active(user_name, created)
        # The record keeps the hourly function from deleting the key, which it takes for lost if the rotation
        # has recorded nothing for an hour. It cannot be written if that function was faster.
        replaces = snapshot.current.key_id
        self.rotations.write(snapshot.state.with_promotion_started(key.access_key_id, replaces, self.clock()))
        version = self._version_to_promote(snapshot, token, key)
        self.secrets.promote(snapshot.name, version, current)
        if not self._still_works(user_name, created, key):
            self._undo(snapshot, user_name, key.access_key_id, version)

    def _version_to_promote(self, snapshot: SecretSnapshot, token: str, key: NewKey) -> str:
        """The token's version, unless a person has changed a field since the rotation began. If AWSCURRENT is
        changed once more, it does not move.
        """
        value = with_new_key(snapshot.current, key)
        if value == snapshot.value_of(token):
            return token
        version = str(uuid.uuid5(_NAMESPACE, f"{token}/{snapshot.description.labelled(CURRENT)}"))
        self.secrets.put_edited(snapshot.name, version, value)
        return version

    def _check_is_active(self, user_name: str, created: CreatedKey) -> None:
        """Raises RefusedError if a person has deactivated or deleted the key."""
        key_id = created.access_key_id
        is_active = self._is_active_once_listed(user_name, created, MAX_LISTING_SECONDS)
        if is_active is None and self._is_recent(created):
            raise TransientError(f"iam:ListAccessKeys does not show the new key {key_id} yet")
        if not is_active:
            raise RefusedError(f"the pending key {key_id} was deactivated or deleted in the meantime")

    def _still_works(self, user_name: str, created: CreatedKey, key: NewKey) -> bool:
        """A person may have deactivated or deleted the key while AWSCURRENT moved to it. A listing that does
        not show it, although an earlier one did, may come from a part of IAM that does not know it yet: then
        STS decides, which knows now of a deletion before the wait.
        """
        is_active = self._is_active_once_listed(user_name, created, MAX_SECOND_LISTING_SECONDS)
        if is_active is None and self._is_recent(created):
            return self.identity.user_id_of(key) != ""
        return is_active is True

    def _undo(self, snapshot: SecretSnapshot, user_name: str, access_key_id: str, version: str) -> None:
        """The replaced key is better, if it works."""
        if self._is_active(user_name, snapshot.current.key_id):
            self.secrets.promote(snapshot.name, snapshot.description.labelled(CURRENT), version)
        raise RefusedError(f"the new key {access_key_id} was deactivated or deleted while it was promoted")

    def _is_active_once_listed(self, user_name: str, created: CreatedKey, seconds: float) -> bool | None:
        """Waits for a listing that shows a key that AWS has accepted just now. None if none did."""
        waited = 0.0
        while (is_active := self._is_active(user_name, created.access_key_id)) is None:
            if waited >= seconds or not self._is_recent(created):
                break
            self.sleep(SECONDS_BETWEEN_LISTINGS)
            waited += SECONDS_BETWEEN_LISTINGS
        return is_active

    def _is_active(self, user_name: str, access_key_id: str) -> bool | None:
        """None if IAM does not list the key."""
        found = find_key(access_key_id, self.keys.list_keys(user_name))
        return found.is_active if found else None

    def _is_recent(self, created: CreatedKey) -> bool:
        return self.clock() < created.at + LISTING_LAG

    def _record(self, secret_name: str, current: str, previous: str) -> None:
        """The replaced key stays active until its consumers use the new one."""
        state = self.rotations.read(secret_name)
        recorded = state.with_observed_keys(current, previous, self.clock(), self.grace)
        if recorded != state:
            self.rotations.write(recorded)

    def _drop_labels(self, snapshot: SecretSnapshot, token: str) -> None:
        """If AWSCURRENT is not the token's version, its label AWSPENDING would block every later rotation."""
        description = self.secrets.describe_secret(snapshot.name)
        if description.is_pending(token):
            self.secrets.drop_pending(snapshot.name, token)
        edited = description.labelled(EDITED)
        if edited and edited == description.labelled(CURRENT):
            self.secrets.drop_edited(snapshot.name, edited)


def _created_and_tested(snapshot: SecretSnapshot, token: str, key: NewKey) -> CreatedKey:
    created = snapshot.state.created_key(key.access_key_id)
    if created and created.token != token:
        raise PermanentError("this rotation was abandoned: start another one")
    if created is None or not created.tested:
        raise PermanentError("the pending key has not been tested")
    return created
