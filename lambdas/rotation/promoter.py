"""Moves AWSCURRENT to a version whose key works, recorded before and after.

It may be repeated or interrupted at any moment. The label moves only from the version where it was seen, and
only to a key that was tested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.rotation.domain.fail_overs import FailOverIntent, FailOverResult
from lambdas.rotation.domain.managed_secret import NewKey
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, PENDING, PREVIOUS
from lambdas.rotation.ports import KeyIdentity, RefusedError, Rotations, Secrets, UserKeys
from lambdas.rotation.secret_snapshot import SecretSnapshot, read_snapshot


@dataclass(kw_only=True, eq=False, repr=False)
class Promoter:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    identity: KeyIdentity
    grace: timedelta  # how long a replaced key is kept at least
    clock: Callable[[], datetime]

    def read(self, secret_name: str) -> SecretSnapshot:
        snapshot = read_snapshot(secret_name, self.secrets, self.rotations)
        return snapshot.with_keys(self.keys, snapshot.current.user_name)

    def already_failed_over(self, snapshot: SecretSnapshot, token: str) -> FailOverResult | None:
        """The result if AWSCURRENT names a working key: by a run of this token, or for another reason."""
        state, key = snapshot.state, snapshot.current.key_id
        if not snapshot.is_alive(key):
            return None
        if state.fail_over is None or state.fail_over.access_key_id != key:
            return FailOverResult(access_key_id=key, since=self.clock(), changed=False)
        recorded = self._after_move(state, snapshot, key, snapshot.key_id(PREVIOUS))
        if recorded.superseded_ids != state.superseded_ids or state.current_key_id != key:
            state = self.rotations.write(recorded)  # the run was interrupted before its last record
        lender = state.loan.lender if state.loan and state.borrowed_key_id == key else ""
        since = state.fail_over.at if state.fail_over else self.clock()
        changed = state.has_failed_over(token)
        return FailOverResult(access_key_id=key, since=since, lender=lender, changed=changed)

    def test_key(self, key: NewKey, user_id: str) -> None:
        """Raises RefusedError unless AWS accepts the key as that user's."""
        if self.identity.user_id_of(key) != user_id:
            raise RefusedError(f"{key.access_key_id} is not accepted as a key of its user")

    def move(
        self, snapshot: SecretSnapshot, intended: RotationState, version: str, to: FailOverIntent
    ) -> RotationState:
        """`intended` is the snapshot's state with what must be recorded before the label moves."""
        name, current = snapshot.name, snapshot.description.labelled(CURRENT)
        written = self.rotations.write(replace(intended, fail_over=to))
        self.secrets.promote(name, version, current)
        if PENDING in snapshot.description.labels[current]:  # there it would block every later rotation
            self.secrets.drop_pending(name, current)
        return self.rotations.write(
            self._after_move(written, snapshot, to.access_key_id, snapshot.current.key_id)
        )

    def _after_move(
        self, state: RotationState, snapshot: SecretSnapshot, key: str, replaced: str
    ) -> RotationState:
        """The replaced key is to be retired, if it is the user's own and still exists."""
        is_kept = replaced != key and any(one.access_key_id == replaced for one in snapshot.listed or ())
        state = state.with_observed_keys(key, replaced, self.clock(), self.grace).without_superseded(key)
        if state.borrowed_key_id != key:
            state = replace(state, loan=None)
        return state.superseding(replaced, self.clock(), self.grace) if is_kept else state
