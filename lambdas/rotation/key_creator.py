"""Make: a new key of a user, of which nothing is lost whenever the run dies, and room for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.errors import BusyError, TransientError
from lambdas.ledger.last_use import describe_keys, read_last_use
from lambdas.rotation.domain.key_slots import KEYS_ALLOWED, removable_key
from lambdas.rotation.domain.orphaned_keys import strays
from lambdas.rotation.ports import NoFreeSlotError, OtherValueError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.aws.domain.iam import LastUse, ListedKey
    from lambdas.rotation.domain.managed_secret import ManagedSecret
    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.ports import KeyAttribution, Rotations, Secrets, SecretVersions, UserKeys

# The function's time limit and some: a run that began longer ago is over, however it ended.
LONGEST_RUN = timedelta(seconds=150)
_ATTEMPTS_TO_NOTE = 3


@dataclass(frozen=True, kw_only=True)
class KeyCreator:
    """An inactive key that was unused for `unused_for` may go to make room."""

    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    creators: KeyAttribution
    unused_for: timedelta
    clock: Callable[[], datetime]

    def make(self, secret: SecretVersions, token: str, current: ManagedSecret, user_id: str) -> None:
        """Raises NoFreeSlotError where there is none; TransientError where that is not known yet."""
        user = current.user_name
        listed = self.keys.list_keys(user) or ()
        state = self.rotations.read(secret.name).bound_to(user, user_id)
        to_delete = self._what_has_to_go(secret, state, listed, user)
        begun = state.with_intent(token, _ids(listed), self.clock()).given_up({to_delete})
        self.rotations.write(begun)  # each time anew: it tells all others that a run is under way
        if to_delete:
            self.keys.delete(user, to_delete)
        new = self.keys.create(user)
        self.note_made(secret.name, new.access_key_id, token)
        try:
            self.secrets.put_pending(secret.name, token, replace(current, key=new))
        except OtherValueError:
            self.keys.delete(user, new.access_key_id)  # another run was faster, and nobody has this one

    def note_made(self, secret_name: str, access_key_id: str, token: str) -> None:
        """Others write meanwhile, and this note contradicts none of theirs: it is made again."""
        for attempt in range(1, _ATTEMPTS_TO_NOTE + 1):
            state = self.rotations.read(secret_name)
            if state.record_of(access_key_id):
                return
            try:
                self.rotations.write(state.with_made(access_key_id, token, self.clock()))
            except BusyError:
                if attempt == _ATTEMPTS_TO_NOTE:
                    raise

    def named_by(self, secret: SecretVersions) -> frozenset[str]:
        """The keys that labelled versions name."""
        labelled = [version for version, labels in secret.labels.items() if labels]
        values = (self.secrets.value(secret.name, version) for version in labelled)
        return frozenset(value.key_id for value in values if value and value.key_id)

    def _what_has_to_go(
        self, secret: SecretVersions, state: RotationState, listed: tuple[ListedKey, ...], user: str
    ) -> str:
        """Empty where there is room."""
        if len(listed) < KEYS_ALLOWED:
            return ""
        named = self.named_by(secret)
        found = strays(_ids(listed), named, state, self.clock() - LONGEST_RUN)
        lost = next(iter(found.lost or self._proven(found.doubtful, state)), "")
        if not lost and found.fresh:
            raise TransientError("another run of this rotation may still be under way")
        kept = named | state.superseded_ids | state.lent_ids
        uses = {} if lost else self._uses(listed)
        to_go = lost or removable_key(listed, kept, uses, self._unused_since)
        if not to_go or len(listed) > KEYS_ALLOWED:
            held = " and ".join(describe_keys(self.keys, listed, uses))
            raise NoFreeSlotError(f"no room for a new key: {user} holds {held}", tuple(_ids(listed)))
        return to_go

    def _proven(self, doubtful: tuple[str, ...], state: RotationState) -> list[str]:
        """Those that the rotation's own role made. Raises TransientError while no record tells."""
        proven = []
        for key in doubtful:
            created_by_us = self.creators.created_by_us(key)
            if created_by_us is None:
                raise TransientError("CloudTrail does not tell yet who made a key that nothing names")
            begun = max(intent.at for intent in state.intents.values())
            if created_by_us and begun >= self.clock() - LONGEST_RUN:
                raise TransientError("another run of this rotation may still be under way")
            proven += [key] if created_by_us else []
        return proven

    def _uses(self, listed: tuple[ListedKey, ...]) -> dict[str, LastUse | None]:
        """Of the inactive ones, which alone may go. Raises TransientError where IAM does not tell."""
        inactive = [key.access_key_id for key in listed if not key.is_active]
        return {key: read_last_use(self.keys, key) for key in inactive}

    @property
    def _unused_since(self) -> datetime:
        return self.clock() - self.unused_for


def _ids(listed: tuple[ListedKey, ...]) -> list[str]:
    return [key.access_key_id for key in listed]
