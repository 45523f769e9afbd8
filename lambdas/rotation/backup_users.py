"""Whose key could be lent to a user, as far as can be told without reading a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.ledger.domain.enrolment_tags import claim_of
from lambdas.rotation.domain.binding import flaw_of_binding
from lambdas.rotation.domain.rotation_context import Backup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.aws.domain.iam import ListedKey
    from lambdas.aws.ports import Iam
    from lambdas.ledger.domain.enrolment_tags import Claim
    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.ports import DescribedSecrets, ReadRotations


@dataclass(frozen=True, kw_only=True)
class BackupUsers:
    """`pairs` names the backup of a user; `function_name` is the function that lends a key."""

    iam: Iam
    secrets: DescribedSecrets
    rotations: ReadRotations
    pairs: Mapping[str, str]
    prefix: str
    function_name: str

    def ready_for(self, user_name: str) -> Backup | None:
        """None without a backup, or if it is not enrolled, is quarantined, or its own key is dead."""
        name = self.pairs.get(user_name, "")
        user = self.iam.describe(name) if name else None
        claim = claim_of(user.name, user.user_id, user.tags) if user else None
        if claim is None or self._is_flawed(claim) or self.iam.quarantine_policy(name):
            return None
        in_service = self.rotations.read(claim.secret_name).in_service
        if not any(key.access_key_id == in_service and key.is_active for key in self._keys_of(name)):
            return None
        return Backup(user_name=name, function_name=self.function_name)

    def keys_lent_by(self, state: RotationState) -> tuple[ListedKey, ...]:
        """The keys of the user whose key the secret of this state carries."""
        return self._keys_of(state.loan.lender) if state.loan else ()

    def _is_flawed(self, claim: Claim) -> bool:
        name = claim.secret_name
        if not name.startswith(self.prefix):
            return True
        tags = self.secrets.versions_of(name).tags
        return bool(flaw_of_binding(claim, secret_name=name, secret_tags=tags, prefix=self.prefix))

    def _keys_of(self, user_name: str) -> tuple[ListedKey, ...]:
        return self.iam.list_keys(user_name) or ()
