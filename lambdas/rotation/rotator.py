"""Rotator: the four steps in which Secrets Manager creates, tests and promotes a new key.

Each step may be repeated or interrupted at any moment. An intent is recorded before a key is created, and no
key is promoted that was not tested. The only keys deleted here are those that a rotation provably lost, and
inactive ones that nothing names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import IamUser
from lambdas.errors import PermanentError, TransientError
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
from lambdas.rotation.domain.secret_description import CURRENT, PENDING, PREVIOUS
from lambdas.rotation.key_creator import KeyCreator
from lambdas.rotation.new_key_promoter import NewKeyPromoter
from lambdas.rotation.ports import KeyIdentity, RefusedError, Rotations, Secrets, UserKeys
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.secret_snapshot import SecretSnapshot, read_snapshot

TESTS_IN_A_ROW = 3
SECONDS_BETWEEN_TESTS = 1.0
MAX_TEST_SECONDS = 60.0
MAX_SESSION = timedelta(hours=36)  # STS API reference, GetSessionToken, DurationSeconds


@dataclass(kw_only=True, eq=False, repr=False)
class Rotator:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    identity: KeyIdentity
    preconditions: Preconditions
    key_creator: KeyCreator
    new_key_promoter: NewKeyPromoter
    # Whether a session of the user may read the secret: False only if its own policies certainly forbid it.
    may_session_read: Callable[[str, IamUser], bool]
    grace: timedelta  # how long a replaced key is kept at least
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def create_secret(self, name: str, token: str) -> None:
        """Stores a new key in the token's version. Raises RefusedError before anything has changed."""
        snapshot = self._snapshot(name, token)
        if _is_promoted(snapshot, token):
            return
        pending = snapshot.value_of(token)
        if pending is None:
            snapshot = self._with_observed_keys(snapshot)
            current = snapshot.current
            user_id = self.preconditions.check(snapshot.description, current.user_name)
            self._check_sessions(snapshot, current)
            self.key_creator.create(snapshot, token, current, user_id)
        else:
            self.key_creator.record(snapshot.name, pending.key_id, token)

    def set_secret(self, name: str, token: str) -> None:
        """Has nothing to set: IAM created the key, and no other service has to know it."""
        self._snapshot(name, token)

    def test_secret(self, name: str, token: str) -> None:
        """Raises TransientError until AWS accepts the key several times in a row as its user's."""
        snapshot = self._snapshot(name, token)
        if _is_promoted(snapshot, token):
            return  # a test would look like a consumer's use, which lets the old key be retired
        pending = snapshot.value_of(token)
        if pending is None or pending.key is None:
            self._with_observed_keys(snapshot)
            return  # the test of a new configuration, whose version is empty (RotateImmediately=false)
        self._test(pending.key, self.preconditions.user_id_of(snapshot.description))
        state = self.rotations.read(snapshot.name)  # the test takes its time
        if pending.key_id in state.created_under(token):
            self.rotations.write(state.with_tested(pending.key_id, self.clock()))

    def is_configuration_test(self, name: str, token: str) -> bool:
        """Whether the step testSecret only tries the function: its version has no value then, and goes away
        (RotateSecret with RotateImmediately=false).
        """
        snapshot = self._snapshot(name, token)
        return not _is_promoted(snapshot, token) and snapshot.value_of(token) is None

    def finish_secret(self, name: str, token: str) -> None:
        self.new_key_promoter.finish(self._snapshot(name, token), token)

    def _check_sessions(self, snapshot: SecretSnapshot, current: ManagedSecret) -> None:
        """Raises RefusedError if a thief may read the new key. A key may have been deactivated or deleted to
        contain a leak, but the sessions that were created with it continue to work.
        """
        if not self._may_follow_containment(snapshot, current):
            return
        user = self.keys.describe(current.user_name)
        if user is None or self.may_session_read(snapshot.name, user):
            raise RefusedError(
                f"a key of {current.user_name} was deactivated or deleted, and the policies of the user may"
                " let a session that was created with it read the new key"
            )

    def _may_follow_containment(self, snapshot: SecretSnapshot, current: ManagedSecret) -> bool:
        """Whether the key in the secret is dead, or another one replaced a dead key not long ago."""
        last = snapshot.state.fail_over
        if last and self.clock() < last.at + MAX_SESSION:
            return True
        is_alive = snapshot.with_keys(self.keys, current.user_name).is_alive(current.key_id)
        return current.key_id != "" and not is_alive

    def _snapshot(self, name: str, token: str) -> SecretSnapshot:
        """Raises PermanentError unless a rotation of the secret is under way with this token, or done."""
        snapshot = read_snapshot(name, self.secrets, self.rotations)
        is_labelled = not {CURRENT, PENDING}.isdisjoint(snapshot.description.labels.get(token, ()))
        if not is_labelled and not snapshot.state.was_finished(token):
            raise PermanentError("no rotation of this secret is under way with this token")
        return snapshot

    def _with_observed_keys(self, snapshot: SecretSnapshot) -> SecretSnapshot:
        """Records the keys in the secret, before anything is refused.

        The hourly function needs a state to find the secret: it removes the label AWSPENDING of a refused
        rotation, which blocks every later one. And a person may have put a key into the secret.
        """
        state = snapshot.state
        current, previous = snapshot.key_id(CURRENT), snapshot.key_id(PREVIOUS)
        seen = state.with_observed_keys(current, previous, self.clock(), self.grace)
        if state.version and seen == state:
            return snapshot
        return replace(snapshot, state=self.rotations.write(seen))

    def _test(self, key: NewKey, user_id: str) -> None:
        """AWS rejects a new key for some seconds, at some endpoints (aws-facts 5, eventual consistency)."""
        in_a_row, waited = 0, 0.0
        while in_a_row < TESTS_IN_A_ROW:
            if waited >= MAX_TEST_SECONDS:
                raise TransientError("AWS does not accept the new key yet")
            accepted_for = self.identity.user_id_of(key)
            if accepted_for and accepted_for != user_id:
                raise PermanentError("the new key belongs to another user")
            in_a_row = in_a_row + 1 if accepted_for else 0
            self.sleep(SECONDS_BETWEEN_TESTS)
            waited += SECONDS_BETWEEN_TESTS


def _is_promoted(snapshot: SecretSnapshot, token: str) -> bool:
    """A person may have moved AWSCURRENT on since, with the same key or another one."""
    return snapshot.description.labelled(CURRENT) == token or snapshot.state.was_finished(token)
