"""Fail over: a secret whose key does not work returns to its previous key, or borrows a backup user's key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lambdas.errors import BusyError
from lambdas.rotation.domain.fail_overs import FailOverIntent, FailOverResult
from lambdas.rotation.domain.managed_secret import NewKey
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import PREVIOUS
from lambdas.rotation.key_lending import BackupKeyLender
from lambdas.rotation.ports import RefusedError
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.promoter import Promoter
from lambdas.rotation.secret_snapshot import SecretSnapshot

_ATTEMPTS = 3


@dataclass(kw_only=True, eq=False, repr=False)
class KeyFailOver:
    promoter: Promoter
    lender: BackupKeyLender
    preconditions: Preconditions

    def to_previous(self, secret_name: str, token: str) -> FailOverResult:
        return _retry_if_busy(lambda: self._to_previous(secret_name, token))

    def to_backup(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        return _retry_if_busy(lambda: self.lender.lend(secret_name, backup, token))

    def _to_previous(self, secret_name: str, token: str) -> FailOverResult:
        snapshot = self.promoter.read(secret_name)
        if result := self.promoter.already_failed_over(snapshot, token):
            return result
        user_name = snapshot.current.user_name
        user_id = self.preconditions.check(snapshot.description, user_name)
        key = self._previous_key(snapshot)
        self.promoter.test_key(key, user_id)
        to = FailOverIntent(token=token, access_key_id=key.access_key_id, at=self.promoter.clock())
        intended = self._with_longer_grace(snapshot.state.bound_to(user_name, user_id), key.access_key_id)
        self.promoter.move(snapshot, intended, snapshot.description.labelled(PREVIOUS), to)
        return FailOverResult(access_key_id=key.access_key_id, since=to.at)

    def _previous_key(self, snapshot: SecretSnapshot) -> NewKey:
        """Raises RefusedError for a key that was deactivated, or is about to be."""
        previous = snapshot.value(PREVIOUS)
        if previous is None or previous.key is None:
            raise RefusedError("the secret has no previous key")
        key_id = previous.key_id
        if not snapshot.is_alive(key_id):
            raise RefusedError(f"its previous key {key_id} is no longer active")
        superseded = snapshot.state.superseded_key(key_id)
        if superseded and superseded.retiring_at:
            raise RefusedError(f"its previous key {key_id} is being deactivated")
        return previous.key

    def _with_longer_grace(self, state: RotationState, access_key_id: str) -> RotationState:
        """Even if this run is interrupted, the key is not retired while it may be needed."""
        superseded = state.superseded_key(access_key_id)
        if superseded is None:
            return state
        later = self.promoter.clock() + self.promoter.grace
        return state.with_superseded(replace(superseded, retire_after=later))


def _retry_if_busy(run: Callable[[], FailOverResult]) -> FailOverResult:
    """Others write at the same time: a rotation, the hourly function, another run of this one."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return run()
        except BusyError:
            continue
    return run()
