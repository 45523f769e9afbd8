"""Lends the key of a user's backup to a secret whose user cannot have a new key, until the secret is rotated.

The key goes from one managed secret to another and nowhere else. The backup's own state records the loan
first, so that the key is not retired meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from lambdas.aws.domain.iam import KEYS_ALLOWED, IamUser
from lambdas.ledger.domain.enrolment_tags import Claim, read_claim
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.rotation.domain.dependent_fields import with_new_key
from lambdas.rotation.domain.fail_overs import BorrowedKey, FailOverIntent, FailOverResult, LentKey
from lambdas.rotation.domain.managed_secret import NewKey
from lambdas.rotation.domain.resource_policy import may_grant_read
from lambdas.rotation.domain.secret_description import CURRENT, LOAN
from lambdas.rotation.ports import RefusedError
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.promoter import Promoter
from lambdas.rotation.secret_snapshot import SecretSnapshot

_NAMESPACE = uuid.UUID("0f5b2b6e-5f3c-4c0b-9d55-6f6c3a1b8e11")  # arbitrary, but it must never change


@dataclass(kw_only=True, eq=False, repr=False)
class BackupKeyLender:
    promoter: Promoter
    preconditions: Preconditions
    # Whether the user may read the secret of that name: False only if its own policies certainly forbid it.
    may_read: Callable[[str, IamUser], bool]
    backups: Mapping[str, str]  # each user's backup user, by the deployer's configuration alone
    ledger_user: Callable[[str], UserEntry | None]  # what the ledger knows of a user who may be deleted

    def lend(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        snapshot = self.promoter.read(secret_name)
        if result := self.promoter.already_failed_over(snapshot, token):
            self._drop_loan_label(snapshot)
            return result
        user_id = self._check_borrower(snapshot, backup)
        lender_secret, key, lender_id = self._offer(backup)
        key_id, now = key.access_key_id, self.promoter.clock()
        # Before the test, which would look like a use of the key by its own consumers.
        lent = LentKey(access_key_id=key_id, borrower=secret_name, since=now)
        self.promoter.rotations.write(self.promoter.rotations.read(lender_secret).with_lent(lent))
        self.promoter.test_key(key, lender_id)
        # With the version of AWSCURRENT: a person may change it, and the loan is then prepared again.
        current = snapshot.description.labelled(CURRENT)
        version = str(uuid.uuid5(_NAMESPACE, f"{token}/{key_id}/{current}"))
        loan = BorrowedKey(access_key_id=key_id, lender=backup, since=now)
        intended = replace(snapshot.state.bound_to(snapshot.current.user_name, user_id), loan=loan)
        intended = self.promoter.rotations.write(intended)
        # From here on enrolment lets nobody read the secret. This check sees what it granted before.
        self._check_policy(snapshot)
        self.promoter.secrets.put_loan(secret_name, version, with_new_key(snapshot.current, key))
        to = FailOverIntent(token=token, access_key_id=key_id, at=now)
        self.promoter.move(snapshot, intended, version, to)
        self.promoter.secrets.drop_loan(secret_name, version)
        return FailOverResult(access_key_id=key_id, since=now, lender=backup)

    def _drop_loan_label(self, snapshot: SecretSnapshot) -> None:
        """After a run that was interrupted as soon as it had moved AWSCURRENT."""
        version = snapshot.description.labelled(LOAN)
        if version and version == snapshot.description.labelled(CURRENT):
            self.promoter.secrets.drop_loan(snapshot.name, version)

    def _check_borrower(self, snapshot: SecretSnapshot, backup: str) -> str:
        """The id that the user has, or had. Raises RefusedError, which names the reason."""
        name = snapshot.current.user_name
        if self.backups.get(name) != backup:
            raise RefusedError(f"the configuration does not name {backup} as the backup of {name}")
        user = self.promoter.keys.describe(name)
        if user is None:
            user_id = self.preconditions.check_claim(snapshot.description, self._last_claim(name))
        elif len(snapshot.listed or ()) < KEYS_ALLOWED:
            raise RefusedError(f"{name} can have a new key: rotate its secret instead")
        else:
            user_id = self.preconditions.check(snapshot.description, name)
            if self.may_read(snapshot.name, user):
                raise RefusedError(f"the policies of {user.name} may allow it to read the secret")
        self._check_policy(snapshot)
        return user_id

    def _check_policy(self, snapshot: SecretSnapshot) -> None:
        if may_grant_read(self.promoter.secrets.policy_of(snapshot.name), snapshot.current.user_name):
            raise RefusedError("the secret's resource policy may allow its own user to read it")

    def _last_claim(self, user_name: str) -> Claim | None:
        entry = self.ledger_user(user_name)
        if entry is None or entry.user_id is None:
            return None
        return read_claim(user_name, entry.user_id.value, entry.current_tags)

    def _offer(self, backup: str) -> tuple[str, NewKey, str]:
        """The name of the backup's secret, the key in it, and the user's id."""
        user = self.promoter.keys.describe(backup)
        claim = read_claim(user.name, user.user_id, user.tags) if user else None
        if claim is None:
            raise RefusedError(f"the backup {backup} is not enrolled")
        prefix, secrets = self.preconditions.prefix, self.promoter.secrets
        if not claim.secret_name.startswith(prefix):
            raise RefusedError(f"the secret of the backup {backup} is not under {prefix}")
        secret = secrets.describe_secret(claim.secret_name)
        user_id = self.preconditions.check(secret, backup)
        value = secrets.value(secret.name, secret.labelled(CURRENT))
        if value is None or value.key is None:
            raise RefusedError(f"the secret of the backup {backup} has no key")
        listed = self.promoter.keys.list_keys(backup) or ()
        if not any(key.access_key_id == value.key_id and key.is_active for key in listed):
            raise RefusedError(f"the key of the backup {backup} is not active")
        return secret.name, value.key, user_id
