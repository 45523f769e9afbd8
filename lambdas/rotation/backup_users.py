"""Finds the backup user whose key could be lent to a user, without reading a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.aws.domain.iam import ListedKey
from lambdas.aws.ports import Iam
from lambdas.ledger.domain.enrolment_tags import Claim, read_claim
from lambdas.rotation.domain.binding import binding_violation
from lambdas.rotation.domain.rotation_context import Backup
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.ports import DescribedSecrets, ReadRotations


@dataclass(kw_only=True, eq=False, repr=False)
class BackupUsers:
    iam: Iam
    secrets: DescribedSecrets
    rotations: ReadRotations
    pairs: Mapping[str, str]  # each user's backup user, by the deployer's configuration alone
    prefix: str  # of the names of all managed secrets
    function_name: str  # the function that lends a key

    def find_usable(self, user_name: str) -> Backup | None:
        """None without a backup, or if it is not enrolled, is quarantined, or has no working key."""
        name = self.pairs.get(user_name, "")
        user = self.iam.describe(name) if name else None
        claim = read_claim(user.name, user.user_id, user.tags) if user else None
        if claim is None or self._is_unbound(claim) or self.iam.quarantine_policy(name):
            return None
        current = self.rotations.read(claim.secret_name).current_key_id
        if not any(key.access_key_id == current and key.is_active for key in self.iam.list_keys(name) or ()):
            return None
        return Backup(user_name=name, function_name=self.function_name)

    def lender_keys(self, state: RotationState) -> tuple[ListedKey, ...]:
        """The keys of the user who lends the secret a key."""
        return (self.iam.list_keys(state.loan.lender) or ()) if state.loan else ()

    def _is_unbound(self, claim: Claim) -> bool:
        if not claim.secret_name.startswith(self.prefix):
            return True
        return bool(binding_violation(claim, self.secrets.describe_secret(claim.secret_name), self.prefix))
