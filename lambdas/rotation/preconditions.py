"""What must hold before a rotation or fail over changes anything.

Rotation checks it again, because a schedule or a person may have started it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim, read_claim
from lambdas.rotation.domain.binding import binding_violation, encryption_violation
from lambdas.rotation.domain.rotation_context import KILL_SWITCH_ON
from lambdas.rotation.domain.secret_description import SecretDescription
from lambdas.rotation.ports import RefusedError, Switches, UserKeys


@dataclass(kw_only=True, eq=False, repr=False)
class Preconditions:
    keys: UserKeys
    switches: Switches
    prefix: str  # of the names of all managed secrets
    key_arns: tuple[str, ...]  # of the KMS keys that may encrypt a managed secret

    def check(self, secret: SecretDescription, user_name: str) -> str:
        """The user's id. Raises RefusedError, which names the most serious guardrail."""
        user = self.keys.describe(user_name)
        if user is None:
            raise RefusedError("the user no longer exists")
        if policy := self.keys.quarantine_policy(user_name):
            raise RefusedError(
                f"the user is quarantined by {policy}: a leaked key is never replaced automatically"
            )
        return self.check_claim(secret, read_claim(user.name, user.user_id, user.tags))

    def check_claim(self, secret: SecretDescription, claim: Claim | None) -> str:
        """The same without the quarantine, for the present or last claim of a user who may be deleted."""
        if self.switches.stopped():
            raise RefusedError(KILL_SWITCH_ON)
        violation = binding_violation(claim, secret, self.prefix)
        if violation or claim is None:
            raise RefusedError(f"binding refused: {violation}")
        if violation := encryption_violation(secret, self.key_arns):
            raise RefusedError(f"binding refused: {violation}")
        return claim.user_id

    def user_id_of(self, secret: SecretDescription) -> str:
        """The id of the user that the secret is bound to."""
        return secret.tags.get(USER_ID_TAG, "")
