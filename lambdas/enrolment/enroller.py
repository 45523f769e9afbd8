"""Enroller: grants or refuses a user's claim on a managed secret, and creates what is missing.

A request names the user alone. The tags, the secret's binding and the mode are read when it is processed, so
requests may be repeated and may arrive in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.domain.iam import IamUser
from lambdas.enrolment.domain.claim_notifications import (
    bound_user,
    claim_refused,
    claimed_secret,
    enrolment_ended,
    incomplete_claim,
    no_longer_rotated,
    who_changed_the_tags,
)
from lambdas.enrolment.domain.claims import (
    ClaimContext,
    ClaimDecision,
    ClaimRequest,
    EnrolmentSettings,
    RotationSchedule,
    WaitReason,
    decide_claim,
    first_version,
    function_to_look_up,
    name_violation,
)
from lambdas.enrolment.domain.own_user_policy import Access, policy_found
from lambdas.enrolment.former_secrets import FormerSecrets, Release
from lambdas.enrolment.ports import ClaimedSecrets, ClaimingUsers, SecretReservations
from lambdas.enrolment.secret_provisioner import SecretProvisioner
from lambdas.errors import BusyError
from lambdas.ledger.domain.enrolment_tags import (
    USER_ID_TAG,
    Claim,
    claim_violation,
    name_enrolment,
    read_claim,
)
from lambdas.rotation.domain.notification import NotificationQueue
from lambdas.rotation.domain.resource_policy import allows_reading
from lambdas.rotation.domain.secret_description import SecretDescription
from lambdas.rotation.ports import BudgetSpentError, RejectedError, RotationBudget, Rotations, Switches

# The next hour has a budget of its own; a schedule must not start a rotation before the next sync ends it.
_CONTINUED_SOON = frozenset({WaitReason.BUDGET, WaitReason.EARLIER_SCHEDULE})


@dataclass(kw_only=True, eq=False, repr=False)
class Enroller:
    users: ClaimingUsers
    secrets: ClaimedSecrets
    has_function: Callable[[str], bool]  # whether AWS Lambda has a function of the ARN
    provisioner: SecretProvisioner
    former_secrets: FormerSecrets
    reservations: SecretReservations
    rotations: Rotations
    switches: Switches
    notifications: NotificationQueue
    budget: RotationBudget
    process_later: Callable[[str], None]  # the claim of the user, within a quarter of an hour
    settings: EnrolmentSettings
    clock: Callable[[], datetime]

    def process(self, request: ClaimRequest) -> ClaimDecision:
        user = self.users.describe(request.user_name)
        if user is None:
            former = self.former_secrets.release(request.user_name, None, request.previous_secret)
            return ClaimDecision(refusal=former.problem)
        reserved = self.reservations.reserved(user.user_id) if name_enrolment(user.tags) else ""
        former_name = request.previous_secret or reserved
        claim = read_claim(user.name, user.user_id, user.tags)
        former = Release()
        if claim is None or claim.secret_name != former_name:
            former = self.former_secrets.release(request.user_name, user, former_name)
        decision = ClaimDecision(refusal=former.problem)
        if claim:
            decision = self._process_claim(user, claim, request, former, reserved)
        elif violation := claim_violation(user.tags):
            decision = ClaimDecision(refusal=violation)
            self._report_refusal(incomplete_claim(user, former_name), decision, request, former)
        elif former.ended:
            facts = (*who_changed_the_tags(request.changed_by), *_sentence(former.problem))
            self.notifications.send(enrolment_ended(former.ended, self.clock(), facts))
        if former.ended:
            self.former_secrets.record_end(former.ended.secret_name)
        return decision

    def _process_claim(
        self, user: IamUser, claim: Claim, request: ClaimRequest, former: Release, reserved: str
    ) -> ClaimDecision:
        secret = None
        try:
            context = self._read_context(claim, reserved)
            secret, decision = context.secret, decide_claim(claim, context, self.settings)
            self._execute(user, claim, context, decision)
        except RejectedError as error:
            decision = ClaimDecision(refusal=f"AWS rejects a request that it needs ({error})")
        if decision.refusal:
            if decision.schedule is RotationSchedule.DISABLED:
                former = Release(ended=claim)
            self._report_refusal(claim, decision, request, former, secret)
        if decision.waits_for in _CONTINUED_SOON:
            self.process_later(claim.user_name)
        return decision

    def _execute(self, user: IamUser, claim: Claim, context: ClaimContext, decision: ClaimDecision) -> None:
        if decision.is_granted:
            self._apply(claim, context, decision)
        if decision.access:
            self._set_access(user, claim, decision.access)

    def _report_refusal(
        self,
        claim: Claim,
        decision: ClaimDecision,
        request: ClaimRequest,
        former: Release,
        secret: SecretDescription | None = None,
    ) -> None:
        ended = former.ended
        facts = (
            claimed_secret(claim),
            *self._bound_user(claim.secret_name, secret),
            *((no_longer_rotated(ended.secret_name),) if ended else ()),
            *(who_changed_the_tags(request.changed_by) if ended or request.changed_by else ()),
            *_sentence(former.problem),
        )
        self.notifications.send(claim_refused(claim, decision.refusal, self.clock(), facts))

    def _read_context(self, claim: Claim, reserved: str) -> ClaimContext:
        """Secrets Manager is asked about no secret outside the prefix."""
        may_read = not name_violation(claim.secret_name, self.settings.prefix)
        secret = self.secrets.find_secret(claim.secret_name) if may_read else None
        other_function = function_to_look_up(secret, self.settings)
        is_adoption = secret is not None and self._is_unbound(claim, secret)
        policy = self._policy(claim, secret) if self.settings.users_read or is_adoption else ""
        found = policy_found(policy, claim.user_id) if self.settings.users_read and may_read else None
        return ClaimContext(
            secret=secret,
            quarantine_policy=self.users.quarantine_policy(claim.user_name),
            deployment_mode=self.switches.mode(),
            stopped=self.switches.stopped(),
            budget_spent=self.budget.is_spent(claim.user_id),
            function_is_gone=bool(other_function) and not self.has_function(other_function),
            policy=found,
            is_borrowing=found is not None and self._is_borrowing(claim.secret_name),
            reserved=reserved,
            other_secret=reserved if secret is None and self._is_another(claim, reserved) else "",
            others_read=is_adoption and allows_reading(policy),
        )

    def _is_unbound(self, claim: Claim, secret: SecretDescription) -> bool:
        """Whether somebody else has bound the secret to this user, and it was not adopted yet."""
        is_bound = secret.tags.get(USER_ID_TAG) == claim.user_id
        return is_bound and self.rotations.read(claim.secret_name).user_id != claim.user_id

    def _is_another(self, claim: Claim, secret_name: str) -> bool:
        """Whether there is a secret of the name, and the user claims another one."""
        may_exist = secret_name != claim.secret_name and not name_violation(secret_name, self.settings.prefix)
        return may_exist and self.secrets.find_secret(secret_name) is not None

    def _policy(self, claim: Claim, secret: SecretDescription | None) -> str:
        """Secrets Manager returns no policy of a secret that is being deleted."""
        has_policy = secret is not None and not secret.is_being_deleted
        return self.secrets.policy_of(claim.secret_name) if has_policy else ""

    def _is_borrowing(self, secret_name: str) -> bool:
        return self.rotations.read(secret_name).loan is not None

    def _set_access(self, user: IamUser, claim: Claim, access: Access) -> None:
        """Lending records the loan before it checks the policy; this sets the policy before it checks the
        loan again. Of two concurrent runs, at least one sees the other.
        """
        self.provisioner.set_access(claim.secret_name, access, user)
        if access is Access.GRANT and self._is_borrowing(claim.secret_name):
            self.provisioner.set_access(claim.secret_name, Access.REVOKE, user)

    def _apply(self, claim: Claim, context: ClaimContext, decision: ClaimDecision) -> None:
        if decision.creates or not context.reserved:
            self.reservations.reserve(claim.user_id, claim.secret_name)
        if decision.creates:
            self.provisioner.create(claim)
        self._record_binding(claim)  # before a rotation starts, which writes the same item
        if decision.schedule is RotationSchedule.IMMEDIATE:
            self._spend(claim)
        if decision.schedule:
            self.provisioner.set_rotation(claim.secret_name, decision.schedule)

    def _spend(self, claim: Claim) -> None:
        """Counts one rotation, even if it is repeated within the hour. Raises BusyError if another one has
        just spent the budget.
        """
        try:
            self.budget.spend(first_version(claim.user_id, claim.secret_name), claim.user_id)
        except BudgetSpentError as error:
            raise BusyError(str(error)) from error

    def _record_binding(self, claim: Claim) -> None:
        """The hourly retirement run and the next sync find the secret by this record."""
        state = self.rotations.read(claim.secret_name)
        is_bound = (state.user_name, state.user_id) == (claim.user_name, claim.user_id)
        if not is_bound or state.released_at:
            self.rotations.write(state.bound_to(claim.user_name, claim.user_id))

    def _bound_user(self, secret_name: str, secret: SecretDescription | None) -> tuple[str, ...]:
        """By the secret's tag and the rotation state."""
        bound_to = secret.tags.get(USER_ID_TAG, "") if secret else ""
        if not bound_to:
            return ()
        state = self.rotations.read(secret_name)
        return (bound_user(bound_to, state.user_name if state.user_id == bound_to else ""),)


def _sentence(clause: str) -> tuple[str, ...]:
    return (f"{clause[0].upper()}{clause[1:]}.",) if clause else ()
