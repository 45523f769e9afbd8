"""Creates a key for a user, after freeing a slot if necessary. Wherever a run is interrupted, the records
show the next one which key is the rotation's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import KEYS_ALLOWED, LastUse, ListedKey
from lambdas.errors import BusyError, TransientError
from lambdas.ledger.last_use import describe_keys, read_last_use
from lambdas.rotation.domain.key_slots import removable_key
from lambdas.rotation.domain.managed_secret import ManagedSecret
from lambdas.rotation.domain.orphaned_keys import find_orphaned_keys
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.ports import (
    KeyAttribution,
    NoFreeSlotError,
    OtherValueError,
    Rotations,
    Secrets,
    UserKeys,
)
from lambdas.rotation.secret_snapshot import SecretSnapshot

# The function's time limit and some: a run that started earlier is over, however it ended.
MAX_RUN_TIME = timedelta(seconds=150)
_ATTEMPTS_TO_RECORD = 3


@dataclass(kw_only=True, eq=False, repr=False)
class KeyCreator:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    attribution: KeyAttribution
    unused_for: timedelta  # an inactive key that was unused for so long may be deleted to free a slot
    clock: Callable[[], datetime]

    def create(self, snapshot: SecretSnapshot, token: str, current: ManagedSecret, user_id: str) -> None:
        """Raises NoFreeSlotError if no slot can be freed; TransientError if that is not known yet."""
        user, name = current.user_name, snapshot.name
        listed = self.keys.list_keys(user) or ()
        state = snapshot.state.bound_to(user, user_id)
        to_delete = self._key_to_delete(snapshot, state, listed, user)
        intended = state.with_intent(token, _ids(listed), self.clock()).with_keys_abandoned({to_delete})
        self.rotations.write(intended)  # at each attempt: it shows all others that a run is under way
        if to_delete:
            self.keys.delete(user, to_delete)
        new = self.keys.create(user)
        self.record(name, new.access_key_id, token)
        try:
            self.secrets.put_pending(name, token, replace(current, key=new))
        except OtherValueError:
            self.keys.delete(user, new.access_key_id)  # another run was faster, and nobody has this key

    def record(self, secret_name: str, access_key_id: str, token: str) -> None:
        """Retries when another run has written: this record contradicts none of theirs."""
        for attempt in range(1, _ATTEMPTS_TO_RECORD + 1):
            state = self.rotations.read(secret_name)
            if state.created_key(access_key_id):
                return
            try:
                self.rotations.write(state.with_created(access_key_id, token, self.clock()))
            except BusyError:
                if attempt == _ATTEMPTS_TO_RECORD:
                    raise

    def _key_to_delete(
        self, snapshot: SecretSnapshot, state: RotationState, listed: tuple[ListedKey, ...], user: str
    ) -> str:
        """Empty if a slot is free."""
        if len(listed) < KEYS_ALLOWED:
            return ""
        named = snapshot.named_keys()
        found = find_orphaned_keys(_ids(listed), named, state, self.clock() - MAX_RUN_TIME)
        orphan = next(iter(found.orphaned or self._created_by_us(found.unattributed, state)), "")
        if not orphan and found.in_flight:
            raise TransientError("another run of this rotation may still be under way")
        kept = named | state.superseded_ids | state.lent_ids
        uses = {} if orphan else self._uses(listed)
        to_delete = orphan or removable_key(listed, kept, uses, self.clock() - self.unused_for)
        if not to_delete or len(listed) > KEYS_ALLOWED:
            held = " and ".join(describe_keys(self.keys, listed, uses))
            raise NoFreeSlotError(f"no free slot for a new key: {user} holds {held}", tuple(_ids(listed)))
        return to_delete

    def _created_by_us(self, unattributed: tuple[str, ...], state: RotationState) -> list[str]:
        """Raises TransientError while no record says who created a key, or a run may still use it."""
        ours = []
        for key in unattributed:
            created_by_us = self.attribution.created_by_us(key)
            if created_by_us is None:
                raise TransientError("CloudTrail does not show yet who created an unattributed key")
            last_intent = max(intent.at for intent in state.intents.values())
            if created_by_us and last_intent >= self.clock() - MAX_RUN_TIME:
                raise TransientError("another run of this rotation may still be under way")
            ours += [key] if created_by_us else []
        return ours

    def _uses(self, listed: tuple[ListedKey, ...]) -> dict[str, LastUse | None]:
        """Of inactive keys; no other key is deleted. Raises TransientError if IAM does not answer."""
        inactive = [key.access_key_id for key in listed if not key.is_active]
        return {key: read_last_use(self.keys, key) for key in inactive}


def _ids(listed: tuple[ListedKey, ...]) -> list[str]:
    return [key.access_key_id for key in listed]
