"""Lend: a secret whose user cannot have a new key carries the key of the user's backup until it is rotated.

The key goes from one managed secret to another and nowhere else. The backup's own state says that it is lent
before it is, so that it is not retired meanwhile.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.ledger.domain.enrolment_tags import claim_of
from lambdas.rotation.domain.fail_overs import BorrowedKey, FailOverResult, LentKey, Move
from lambdas.rotation.domain.key_slots import KEYS_ALLOWED
from lambdas.rotation.domain.resource_policy import may_grant_read
from lambdas.rotation.ports import CURRENT, LOAN, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lambdas.aws.domain.iam import IamUser
    from lambdas.ledger.domain.enrolment_tags import Claim
    from lambdas.ledger.domain.user_entry import UserEntry
    from lambdas.rotation.domain.managed_secret import NewKey
    from lambdas.rotation.ports import SecretReaders
    from lambdas.rotation.preconditions import Preconditions
    from lambdas.rotation.promoter import Promoter, SecretSnapshot

_NAMESPACE = uuid.UUID("0f5b2b6e-5f3c-4c0b-9d55-6f6c3a1b8e11")  # any will do, as long as it stays


@dataclass(frozen=True, kw_only=True)
class BackupKeyLender:
    """`backups` names the backup of a user, by the deployer's configuration alone; `remember` tells what the
    ledger knows of a user who is gone.
    """

    mover: Promoter
    guard: Preconditions
    readers: SecretReaders
    backups: Mapping[str, str]
    remember: Callable[[str], UserEntry | None]

    def lend(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        scene = self.mover.look(secret_name)
        if carried := self.mover.done(scene, token):
            self._tidy(scene)
            return carried
        user_id = self._check_borrower(scene, backup)
        lender_secret, key, lender_id = self._offered(backup)
        now = self.mover.clock()
        # Before the trial, which would look like a use of the key by its own consumers.
        self._note_lent(
            lender_secret, LentKey(access_key_id=key.access_key_id, borrower=secret_name, since=now)
        )
        self.mover.try_key(key, lender_id)
        version = str(uuid.uuid5(_NAMESPACE, f"{token}/{key.access_key_id}"))
        loan = BorrowedKey(access_key_id=key.access_key_id, lender=backup, since=now)
        begun = replace(scene.state.bound_to(scene.current.user_name, user_id), loan=loan)
        begun = self.mover.rotations.write(begun)
        # RotationContext gives no access from here on. What it had given before is seen now.
        self._check_policy(scene)
        self.mover.secrets.put_loan(secret_name, version, replace(scene.current, key=key))
        self.mover.move(scene, begun, version, Move(token=token, access_key_id=key.access_key_id, at=now))
        self.mover.secrets.drop_loan(secret_name, version)
        return FailOverResult(access_key_id=key.access_key_id, since=now, lender=backup)

    def _tidy(self, scene: SecretSnapshot) -> None:
        """After a run that died as soon as it had moved AWSCURRENT."""
        version = scene.secret.labelled(LOAN)
        if version and version == scene.secret.labelled(CURRENT):
            self.mover.secrets.drop_loan(scene.secret.name, version)

    def _check_borrower(self, scene: SecretSnapshot, backup: str) -> str:
        """The id that the user has, or had. Raises RefusedError, which names the reason."""
        name = scene.current.user_name
        if self.backups.get(name) != backup:
            raise RefusedError(f"the configuration does not name {backup} as the backup of {name}")
        user = self.mover.keys.describe(name)
        if user is None:
            user_id = self.guard.check_claim(scene.secret, self._last_claim(name))
        elif len(scene.listed) < KEYS_ALLOWED:
            raise RefusedError(f"{name} may have a new key: its secret can be rotated")
        else:
            user_id = self.guard.check(scene.secret, name)
            self._check_own_policies(scene, user)
        self._check_policy(scene)
        return user_id

    def _check_own_policies(self, scene: SecretSnapshot, user: IamUser) -> None:
        if self.readers.may_read(scene.secret.name, user):
            raise RefusedError(f"the own policies of {user.name} may let it read the secret")

    def _check_policy(self, scene: SecretSnapshot) -> None:
        if may_grant_read(self.mover.secrets.policy_of(scene.secret.name), scene.current.user_name):
            raise RefusedError("the secret's resource policy may let its own user read it")

    def _last_claim(self, user_name: str) -> Claim | None:
        entry = self.remember(user_name)
        if entry is None or entry.user_id is None:
            return None
        return claim_of(user_name, entry.user_id.value, entry.current_tags)

    def _offered(self, backup: str) -> tuple[str, NewKey, str]:
        """The backup's secret, the key in it, and the user's id."""
        user = self.mover.keys.describe(backup)
        claim = claim_of(user.name, user.user_id, user.tags) if user else None
        if claim is None:
            raise RefusedError(f"the backup {backup} is not enrolled")
        if not claim.secret_name.startswith(self.guard.prefix):
            raise RefusedError(f"the secret of the backup {backup} is not under {self.guard.prefix}")
        secret = self.mover.secrets.versions_of(claim.secret_name)
        user_id = self.guard.check(secret, backup)
        value = self.mover.secrets.value(secret.name, secret.labelled(CURRENT))
        listed = self.mover.keys.list_keys(backup) or ()
        if value is None or value.key is None:
            raise RefusedError(f"the secret of the backup {backup} has no key")
        if not any(key.access_key_id == value.key_id and key.is_active for key in listed):
            raise RefusedError(f"the key of the backup {backup} is not active")
        return secret.name, value.key, user_id

    def _note_lent(self, lender_secret: str, lent: LentKey) -> None:
        state = self.mover.rotations.read(lender_secret)
        self.mover.rotations.write(state.with_lent(lent))
