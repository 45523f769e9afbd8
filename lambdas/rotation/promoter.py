"""Move: AWSCURRENT goes to a version whose key works, which is written down before and after.

It may run any number of times and die at any moment. The label moves only from where it was seen, and
nothing is moved to that has not answered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.errors import PermanentError
from lambdas.rotation.domain.binding import present_name
from lambdas.rotation.domain.fail_overs import FailOverResult, Move
from lambdas.rotation.domain.rotation_state import Superseded
from lambdas.rotation.ports import CURRENT, PENDING, PREVIOUS, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta

    from lambdas.aws.domain.iam import ListedKey
    from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.ports import KeyIdentity, Rotations, Secrets, SecretVersions, UserKeys


@dataclass(frozen=True, kw_only=True)
class SecretSnapshot:
    """A managed secret as it was found. `state` was read first: all the rest can only be newer. `current` has
    the user's present name.
    """

    state: RotationState
    secret: SecretVersions
    current: ManagedSecret
    listed: tuple[ListedKey, ...]


@dataclass(frozen=True, kw_only=True)
class Promoter:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    identity: KeyIdentity
    grace: timedelta
    clock: Callable[[], datetime]

    def look(self, secret_name: str) -> SecretSnapshot:
        state = self.rotations.read(secret_name)
        secret = self.secrets.versions_of(secret_name)
        current = self.secrets.value(secret.name, secret.labelled(CURRENT))
        if current is None:
            raise PermanentError("the version AWSCURRENT of the secret has no value")
        current = replace(current, user_name=present_name(current.user_name, state, secret.tags))
        listed = self.keys.list_keys(current.user_name) or ()
        return SecretSnapshot(state=state, secret=secret, current=current, listed=listed)

    def done(self, scene: SecretSnapshot, token: str) -> FailOverResult | None:
        """Where the secret names a key that works already: by a run of this token, or for another reason."""
        state, key = scene.state, scene.current.key_id
        if not self._is_alive(scene, key):
            return None
        if state.move is None or state.move.access_key_id != key:
            return FailOverResult(access_key_id=key, since=self.clock(), moved=False)
        noted = self._noted(state, scene.listed, key, self._previous_key(scene))
        if noted.superseded_ids != state.superseded_ids or state.in_service != key:
            state = self.rotations.write(noted)  # the run died before it wrote down what it had done
        lender = state.loan.lender if state.loan and state.borrowed == key else ""
        has_moved = state.has_moved(token)
        return FailOverResult(access_key_id=key, since=self._since(state), lender=lender, moved=has_moved)

    def try_key(self, key: NewKey, user_id: str) -> None:
        """Raises RefusedError unless AWS takes it for that user's."""
        answered = self.identity.user_id_of(key)
        if answered != user_id:
            raise RefusedError(f"{key.access_key_id} does not answer as a key of its user")

    def move(self, scene: SecretSnapshot, begun: RotationState, version: str, to: Move) -> RotationState:
        """`begun` is the scene's state with what has to be known of this move before it begins."""
        current = scene.secret.labelled(CURRENT)
        written = self.rotations.write(replace(begun, move=to))
        self.secrets.promote(scene.secret.name, version, current)
        if PENDING in scene.secret.labels[current]:  # there it would block every rotation from now on
            self.secrets.drop_pending(scene.secret.name, current)
        noted = self._noted(written, scene.listed, to.access_key_id, scene.current.key_id)
        return self.rotations.write(noted)

    def _noted(self, state: RotationState, listed: Iterable[ListedKey], key: str, dead: str) -> RotationState:
        """The dead key waits for its retirement, if it is the user's own and still there."""
        is_kept = dead != key and dead in {one.access_key_id for one in listed}
        state = state.with_seen(key, dead).without_superseded(key)
        if state.borrowed != key:
            state = replace(state, loan=None)
        return state.with_superseded(self._superseded(dead)) if is_kept else state

    def _superseded(self, access_key_id: str) -> Superseded:
        now = self.clock()
        return Superseded(access_key_id=access_key_id, at=now, retire_after=now + self.grace)

    def _is_alive(self, scene: SecretSnapshot, key: str) -> bool:
        loan = scene.state.loan
        listed = scene.listed
        if loan and loan.access_key_id == key:
            listed = self.keys.list_keys(loan.lender) or ()
        return any(one.access_key_id == key and one.is_active for one in listed)

    def _previous_key(self, scene: SecretSnapshot) -> str:
        version = scene.secret.labelled(PREVIOUS)
        value = self.secrets.value(scene.secret.name, version) if version else None
        return value.key_id if value else ""

    def _since(self, state: RotationState) -> datetime:
        return state.move.at if state.move else self.clock()
