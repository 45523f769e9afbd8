"""Enrol: a user's claim on a managed secret is looked at, and what it lacks is made, or it is refused.

Whoever asks for it tells the user's name alone: what its tags say, whose the secret is and how far the
remediator may go is read at that moment. So it may be asked any number of times, in any order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.enrolment.domain.claims import (
    ClaimContext,
    ClaimDecision,
    PreviousClaim,
    RotationSchedule,
    decide_claim,
    first_version,
    flaw_of_name,
    is_to_be_released,
)
from lambdas.enrolment.domain.own_user_policy import Access, PolicyFound, policy_found
from lambdas.errors import BusyError, PermanentError
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, claim_of
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.text import sanitize, sanitize_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.aws.domain.iam import IamUser
    from lambdas.enrolment.domain.claims import ClaimedSecret, EnrolmentSettings
    from lambdas.enrolment.ports import ClaimedSecrets, ClaimingUsers, LaterEnrolments
    from lambdas.ledger.domain.enrolment_tags import Claim
    from lambdas.rotation.domain.notification import NotificationQueue
    from lambdas.rotation.ports import RotationBudget, Rotations, StageSwitches


@dataclass(frozen=True, kw_only=True)
class Enroller:
    users: ClaimingUsers
    secrets: ClaimedSecrets
    rotations: Rotations
    switches: StageSwitches
    notifications: NotificationQueue
    budget: RotationBudget
    later: LaterEnrolments
    terms: EnrolmentSettings
    clock: Callable[[], datetime]

    def look_at(self, user_name: str, formerly: str = "") -> ClaimDecision:
        """`formerly` is a secret that the user may have claimed before. What is granted in the end needs
        another look where the verdict says that it waits.
        """
        user = self.users.describe(user_name)
        claim = claim_of(user.name, user.user_id, user.tags) if user else None
        if formerly and (claim is None or claim.secret_name != formerly):
            self._release(user_name, user, formerly)
        return self._settle(user, claim) if user and claim else ClaimDecision()

    def _settle(self, user: IamUser, claim: Claim) -> ClaimDecision:
        met = self._gather(claim)
        verdict = decide_claim(claim, met, self.terms)
        if verdict.is_granted:
            self._apply(claim, verdict)
        if verdict.access:
            self._set_access(user, claim, verdict.access)
        if verdict.flaw:
            self.notifications.send(self._refusal(claim, met, verdict.flaw))
        if verdict.comes_again:
            self.later.look_later(claim.user_name)
        return verdict

    def _gather(self, claim: Claim) -> ClaimContext:
        """Secrets Manager is asked of no secret outside the prefix."""
        is_ours = not flaw_of_name(claim.secret_name, self.terms.prefix)
        secret = self.secrets.find(claim.secret_name) if is_ours else None
        policy = self._policy(claim, secret) if self.terms.users_read and is_ours else None
        return ClaimContext(
            secret=secret,
            quarantine_policy=self.users.quarantine_policy(claim.user_name),
            stage_mode=self.switches.mode(),
            stopped=self.switches.stopped(),
            budget_spent=self.budget.is_spent(),
            policy=policy,
            is_borrowing=policy is not None and self._is_borrowing(claim.secret_name),
        )

    def _policy(self, claim: Claim, secret: ClaimedSecret | None) -> PolicyFound:
        """Secrets Manager tells none of a secret that is being deleted."""
        is_there = secret is not None and not secret.is_being_deleted
        return policy_found(self.secrets.policy_of(claim.secret_name) if is_there else "", claim.user_id)

    def _is_borrowing(self, secret_name: str) -> bool:
        return self.rotations.read(secret_name).loan is not None

    def _set_access(self, user: IamUser, claim: Claim, access: Access) -> None:
        """Whoever lends writes the loan down before it looks at the policy, and here the policy comes before
        another look at the loan: of two at once, one sees the other.
        """
        self.secrets.set_access(claim.secret_name, access, user)
        if access is Access.GRANT and self._is_borrowing(claim.secret_name):
            self.secrets.set_access(claim.secret_name, Access.REVOKE, user)

    def _apply(self, claim: Claim, verdict: ClaimDecision) -> None:
        if verdict.creates:
            self.secrets.create(claim.secret_name, claim.user_name, claim.user_id)
        # Before a rotation begins, which writes the same item.
        self._make_known(claim)
        if verdict.rotating is RotationSchedule.IMMEDIATE:
            self._spend(claim)
        if verdict.rotating:
            self.secrets.set_rotation(claim.secret_name, verdict.rotating)

    def _spend(self, claim: Claim) -> None:
        """One rotation, however often this is repeated within the hour. Raises BusyError where another has
        spent the last one meanwhile.
        """
        try:
            self.budget.spend(first_version(claim.user_id, claim.secret_name))
        except PermanentError as error:
            raise BusyError(str(error)) from error

    def _make_known(self, claim: Claim) -> None:
        """To the function that looks after managed secrets every hour, and to the next sync."""
        state = self.rotations.read(claim.secret_name)
        if (state.user_name, state.user_id) != (claim.user_name, claim.user_id):
            self.rotations.write(state.bound_to(claim.user_name, claim.user_id))

    def _release(self, user_name: str, user: IamUser | None, secret_name: str) -> None:
        if flaw_of_name(secret_name, self.terms.prefix):
            return
        secret = self.secrets.find(secret_name)
        if secret is None:
            return
        state = self.rotations.read(secret_name)
        former = PreviousClaim(
            secret=secret,
            user_name=user_name,
            user_id=user.user_id if user else "",
            bound_name=state.user_name,
            bound_id=state.user_id,
        )
        if is_to_be_released(former, self.terms):
            self.secrets.set_rotation(secret_name, RotationSchedule.DISABLED)

    def _refusal(self, claim: Claim, met: ClaimContext, flaw: str) -> Notification:
        """A fact is told once, and of facts alike one a day: a user may tag itself as often as it likes."""
        secret_name, at = sanitize(claim.secret_name, 256), self.clock()
        of_its_day = _notice_id(claim.user_id, flaw, f"{at:%Y-%m-%d}")
        return Notification(
            notification_id=_notice_id(claim.secret_name, claim.user_id, claim.mode, flaw),
            unless_told=of_its_day,
            counts_as=of_its_day,
            kind=NotificationKind.CLAIM_REFUSED,
            at=at,
            secret_name=secret_name,
            user_name=claim.user_name,
            reason=flaw,
            facts=(
                f"{sanitize_name(claim.user_name)} (UserId {claim.user_id}) claims the secret {secret_name}.",
                *self._bound_to(claim.secret_name, met),
            ),
        )

    def _bound_to(self, secret_name: str, met: ClaimContext) -> tuple[str, ...]:
        """Whose it is, as far as the secret's tag and the rotations' states tell."""
        bound_to = met.secret.tags.get(USER_ID_TAG, "") if met.secret else ""
        if not bound_to:
            return ()
        state = self.rotations.read(secret_name)
        name = f", {sanitize_name(state.user_name)}" if state.user_id == bound_to else ""
        return (f"The secret is bound to the UserId {sanitize(bound_to, 128)}{name}.",)


def _notice_id(*fact: str) -> str:
    told_by = "\n".join(fact)
    return f"claim-refused:{hashlib.sha256(told_by.encode()).hexdigest()[:32]}"
