"""Fail over: a secret whose key is dead goes back to the key that it had before, or borrows a backup's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.errors import BusyError
from lambdas.rotation.domain.fail_overs import FailOverResult, Move
from lambdas.rotation.ports import PREVIOUS, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.rotation.domain.managed_secret import NewKey
    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.key_lending import BackupKeyLender
    from lambdas.rotation.preconditions import Preconditions
    from lambdas.rotation.promoter import Promoter, SecretSnapshot

_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class KeyFailOver:
    mover: Promoter
    lender: BackupKeyLender
    guard: Preconditions

    def to_previous(self, secret_name: str, token: str) -> FailOverResult:
        return _persistently(lambda: self._to_previous(secret_name, token))

    def to_backup(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        return _persistently(lambda: self.lender.lend(secret_name, backup, token))

    def _to_previous(self, secret_name: str, token: str) -> FailOverResult:
        scene = self.mover.look(secret_name)
        if carried := self.mover.done(scene, token):
            return carried
        user_id = self.guard.check(scene.secret, scene.current.user_name)
        version = scene.secret.labelled(PREVIOUS)
        key = self._candidate(scene, version)
        self.mover.try_key(key, user_id)
        to = Move(token=token, access_key_id=key.access_key_id, at=self.mover.clock())
        begun = scene.state.bound_to(scene.current.user_name, user_id)
        self.mover.move(scene, self._spared(begun, key.access_key_id), version, to)
        return FailOverResult(access_key_id=key.access_key_id, since=to.at)

    def _candidate(self, scene: SecretSnapshot, version: str) -> NewKey:
        """Raises RefusedError for a key that somebody switched off, or that is about to be."""
        previous = self.mover.secrets.value(scene.secret.name, version) if version else None
        if previous is None or previous.key is None:
            raise RefusedError("the secret has no previous key")
        key_id = previous.key_id
        if not any(key.access_key_id == key_id and key.is_active for key in scene.listed):
            raise RefusedError(f"its previous key {key_id} is not active any more")
        replaced = scene.state.replaced(key_id)
        if replaced and replaced.retiring_at:
            raise RefusedError(f"its previous key {key_id} is being switched off")
        return previous.key

    def _spared(self, state: RotationState, access_key_id: str) -> RotationState:
        """Whatever becomes of this run, the key is not switched off for as long as it may be needed."""
        replaced = state.replaced(access_key_id)
        if replaced is None:
            return state
        later = self.mover.clock() + self.mover.grace
        return state.with_superseded(replace(replaced, retire_after=later))


def _persistently(run: Callable[[], FailOverResult]) -> FailOverResult:
    """Others write meanwhile: a rotation, the hourly function, another run of this."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return run()
        except BusyError:
            continue
    return run()
