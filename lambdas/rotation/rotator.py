"""Rotate: the four steps by which Secrets Manager has a new key made, tried and put into service.

Each may run any number of times, and die at any moment. Nothing is created before it is written down that
it will be (the intent), nothing is promoted that has not answered, and no key is deleted here but one
that is provably a rotation's own loss, or an inactive one that nothing names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.errors import PermanentError, TransientError
from lambdas.rotation.domain.binding import present_name
from lambdas.rotation.domain.rotation_state import Superseded
from lambdas.rotation.ports import CURRENT, PENDING, PREVIOUS, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
    from lambdas.rotation.domain.retirement_policy import RetirementPolicy
    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.key_creator import KeyCreator
    from lambdas.rotation.ports import KeyIdentity, Rotations, Secrets, SecretVersions, UserKeys
    from lambdas.rotation.preconditions import Preconditions

ANSWERS_RUNNING = 3
SECONDS_BETWEEN_TRIES = 1.0
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Rotator:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    identity: KeyIdentity
    guard: Preconditions
    maker: KeyCreator
    terms: RetirementPolicy
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def create_secret(self, name: str, token: str) -> None:
        """A new key lies under the token. Raises RefusedError before anything has changed."""
        secret = self._expecting(name, token)
        if secret.labelled(CURRENT) == token:
            return
        pending = self.secrets.value(name, token)
        if pending is None:
            current = self._current(secret, self._make_known(secret))
            user_id = self.guard.check(secret, current.user_name)
            self.maker.make(secret, token, current, user_id)
        else:
            self.maker.note_made(secret.name, pending.key_id, token)

    def set_secret(self, name: str, token: str) -> None:
        """IAM has made the key and knows it: there is no other place where it had to be set."""
        self._expecting(name, token)

    def test_secret(self, name: str, token: str) -> None:
        """Raises TransientError until the key has answered several times running as the user's own."""
        secret = self._expecting(name, token)
        if secret.labelled(CURRENT) == token:
            return  # a trial now would look like a consumer's use, which lets the old key go
        pending = self.secrets.value(name, token)
        if pending is None or pending.key is None:
            self._make_known(secret)
            return  # the trial of a new configuration, whose version is empty (RotateImmediately=false)
        self._try(pending.key, self.guard.user_id_of(secret))
        state = self.rotations.read(secret.name)
        if pending.key_id in state.made_under(token):
            self.rotations.write(state.with_tested(pending.key_id, self.clock()))

    def finish_secret(self, name: str, token: str) -> None:
        secret = self._expecting(name, token)
        if secret.labelled(CURRENT) == token:
            self._note_finished(secret, token, secret.labelled(PREVIOUS))
            return
        self._begin_to_promote(secret, token)
        current = secret.labelled(CURRENT)
        self.secrets.promote(name, token, current)
        self._note_finished(secret, token, current)

    def _expecting(self, name: str, token: str) -> SecretVersions:
        """Raises PermanentError unless a rotation of the secret is under way with this token, or done."""
        secret = self.secrets.versions_of(name)
        if {CURRENT, PENDING}.isdisjoint(secret.labels.get(token, ())):
            raise PermanentError("no rotation of this secret is under way with this token")
        return secret

    def _make_known(self, secret: SecretVersions) -> RotationState:
        """To the hourly function, before anything is refused: the label AWSPENDING of a refused rotation
        is in the way of every later one, until it is taken off there. And which keys are in service, one that
        a person put there among them.
        """
        state = self.rotations.read(secret.name)
        seen = state.with_seen(self._key_id(secret, CURRENT), self._key_id(secret, PREVIOUS))
        is_known = state.version and seen == state
        return state if is_known else self.rotations.write(seen)

    def _key_id(self, secret: SecretVersions, label: str) -> str:
        version = secret.labelled(label)
        value = self.secrets.value(secret.name, version) if version else None
        return value.key_id if value else ""

    def _current(self, secret: SecretVersions, state: RotationState) -> ManagedSecret:
        """With the user's present name, which goes into the next version."""
        value = self._value(secret, CURRENT)
        return replace(value, user_name=present_name(value.user_name, state, secret.tags))

    def _value(self, secret: SecretVersions, label: str) -> ManagedSecret:
        value = self.secrets.value(secret.name, secret.labelled(label))
        if value is None:
            raise PermanentError(f"the version {label} of the secret has no value")
        return value

    def _try(self, key: NewKey, user_id: str) -> None:
        """A new key is refused for some seconds, here and there (aws-facts 5, eventual consistency)."""
        running, waited = 0, 0.0
        while running < ANSWERS_RUNNING:
            if waited >= PATIENCE_SECONDS:
                raise TransientError("AWS does not accept the new key yet")
            answered = self.identity.user_id_of(key)
            if answered and answered != user_id:
                raise PermanentError("the new key is another user's")
            running = running + 1 if answered else 0
            self.sleep(SECONDS_BETWEEN_TRIES)
            waited += SECONDS_BETWEEN_TRIES

    def _begin_to_promote(self, secret: SecretVersions, token: str) -> None:
        """Raises unless the pending key has answered and still works: a person may have switched it off.

        What is written holds the hourly function off the key, which it takes for lost once the rotation has
        lain still for an hour; and it fails where that function was faster.
        """
        pending = self.secrets.value(secret.name, token)
        if pending is None or pending.key is None:
            raise PermanentError("the pending version has no key")
        state = self.rotations.read(secret.name)
        record = state.record_of(pending.key_id)
        if record and record.token != token:
            raise PermanentError("this rotation has been given up: start another one")
        if record is None or not record.tested:
            raise PermanentError("the pending key has not been tested")
        listed = self.keys.list_keys(present_name(pending.user_name, state, secret.tags)) or ()
        if not any(key.access_key_id == pending.key_id and key.is_active for key in listed):
            raise RefusedError("the pending key has been switched off or deleted meanwhile")
        self.rotations.write(state.with_promotion_begun(pending.key_id, self.clock()))

    def _note_finished(self, secret: SecretVersions, token: str, replaced: str) -> None:
        """The replaced key is only noted: it works on until its consumers have moved."""
        new = self.secrets.value(secret.name, token)
        old = self.secrets.value(secret.name, replaced) if replaced else None
        state = self.rotations.read(secret.name)
        record = state.record_of(new.key_id) if new else None
        if new is None or record is None or record.promoted:
            return  # noted already
        old_id, borrowed = old.key_id if old else "", state.borrowed
        state = replace(state.with_promoted(new.key_id), finished_at=self.clock(), loan=None)
        if old_id not in {"", new.key_id, borrowed}:  # a borrowed key is its lender's to retire
            state = state.with_superseded(self._superseded(old_id))
        self.rotations.write(state.with_seen(new.key_id, old_id))

    def _superseded(self, access_key_id: str) -> Superseded:
        now = self.clock()
        return Superseded(access_key_id=access_key_id, at=now, retire_after=now + self.terms.grace)
