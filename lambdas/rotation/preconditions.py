"""What has to hold before a rotation changes anything, asked again by the rotation itself, because a
schedule or a person may have started it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, claim_of
from lambdas.rotation.domain.binding import flaw_of_binding
from lambdas.rotation.ports import RefusedError

if TYPE_CHECKING:
    from lambdas.ledger.domain.enrolment_tags import Claim
    from lambdas.rotation.ports import SecretVersions, Switches, UserKeys


@dataclass(frozen=True, kw_only=True)
class Preconditions:
    """`prefix` begins the names of all managed secrets."""

    keys: UserKeys
    switches: Switches
    prefix: str

    def check(self, secret: SecretVersions, user_name: str) -> str:
        """The user's id. Raises RefusedError, which names the guardrail, the gravest first."""
        user = self.keys.describe(user_name)
        if user is None:
            raise RefusedError("the user is gone")
        if policy := self.keys.quarantine_policy(user_name):
            raise RefusedError(
                f"the user is quarantined by {policy}: a leaked key is never replaced by itself"
            )
        return self.check_claim(secret, claim_of(user.name, user.user_id, user.tags))

    def check_claim(self, secret: SecretVersions, claim: Claim | None) -> str:
        """The same but for the quarantine, of a user who may be gone, by what it claims or claimed."""
        if self.switches.stopped():
            raise RefusedError("the kill switch is on")
        flaw = flaw_of_binding(claim, secret_name=secret.name, secret_tags=secret.tags, prefix=self.prefix)
        if flaw or claim is None:
            raise RefusedError(f"binding refused: {flaw}")
        return claim.user_id

    def user_id_of(self, secret: SecretVersions) -> str:
        """To whom the secret is bound."""
        return secret.tags.get(USER_ID_TAG, "")
