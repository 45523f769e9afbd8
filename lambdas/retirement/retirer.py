"""Retirer: deactivates, deletes or reactivates the replaced keys of one managed secret, hour by hour.

IAM has no conditional writes. So what people and applications may have changed is read again right before
each act, and after a deactivation, which is undone if it hit a key in use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.aws.domain.iam import IamUser, ListedKey
from lambdas.ledger.domain.enrolment_tags import read_claim
from lambdas.retirement.domain.retirement import RetirementFacts, RetirementPolicy, Step, is_left, next_step
from lambdas.retirement.domain.user_terms import with_user_terms
from lambdas.retirement.fact_reader import RetirementFactReader
from lambdas.retirement.rotation_repair import RotationRepair
from lambdas.rotation.deletion_evidence import DeletionEvidenceReader
from lambdas.rotation.domain.binding import binding_violation
from lambdas.rotation.domain.key_deletion import Deletion, decide_deletion
from lambdas.rotation.domain.rotation_state import RotationState, Superseded
from lambdas.rotation.ports import Rotations, SecretGoneError, Secrets, UserKeys
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.secret_snapshot import SecretSnapshot, read_snapshot

_UNWANTED = frozenset({Step.DEACTIVATE, Step.ANNOUNCE, Step.DELETE})  # steps toward the deletion


@dataclass(frozen=True, kw_only=True)
class RetirementStep:
    """What was done with one replaced key, for the notification."""

    secret_name: str
    access_key_id: str
    step: Step
    user_name: str
    record: Superseded  # as it is now, or as it was last
    facts: RetirementFacts  # as they were before the step


@dataclass(kw_only=True, eq=False, repr=False)
class Retirer:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    preconditions: Preconditions
    repair: RotationRepair
    evidence: DeletionEvidenceReader
    facts: RetirementFactReader
    policy: RetirementPolicy
    clock: Callable[[], datetime]

    def process(self, secret_name: str) -> list[RetirementStep]:
        """Repairs what a rotation left, then takes the next step for each replaced key.

        Nothing is done while the kill switch is on, and nothing to the keys of a user that is no longer bound
        to the secret. Raises SecretGoneError if there is no such secret; TransientError if something cannot
        be read. What was done until then stays done.
        """
        if self.preconditions.switches.stopped():
            return []
        snapshot = read_snapshot(secret_name, self.secrets, self.rotations)
        if snapshot.description.is_being_deleted:
            raise SecretGoneError("the secret is scheduled for deletion")
        snapshot = self.repair.record_promotion(snapshot)
        snapshot = self.repair.abandon_dead_rotation(snapshot)
        snapshot = snapshot.with_keys(self.keys, snapshot.state.user_name)
        snapshot = self.repair.record_observations(snapshot)
        if snapshot.listed is None:
            return []
        user = self.keys.describe(snapshot.state.user_name)
        unbound = self._binding_violation(snapshot, user)
        snapshot = self.repair.delete_orphaned_keys(snapshot, may_delete=not unbound)
        policy, steps = self._policy_for(user), self._orphans_left(snapshot, unbound)
        for superseded in snapshot.state.superseded:
            snapshot, done = self._retire(snapshot, superseded, unbound, policy)
            steps.append(done)
        return steps

    def _orphans_left(self, snapshot: SecretSnapshot, unbound: str) -> list[RetirementStep]:
        """The keys that a broken rotation lost, and that may not be deleted: people must know of them."""
        lost = self.repair.lost_keys(snapshot) if unbound else []
        return [_orphan_left(snapshot, key, unbound) for key in lost]

    def _binding_violation(self, snapshot: SecretSnapshot, user: IamUser | None) -> str:
        """At this moment: the user may claim another secret since the last rotation of this one."""
        claim = read_claim(user.name, user.user_id, user.tags) if user else None
        return binding_violation(claim, snapshot.description, self.preconditions.prefix)

    def _policy_for(self, user: IamUser | None) -> RetirementPolicy:
        """The user may have tagged itself: of a quarantined user no key is kept for longer."""
        longer = with_user_terms(self.policy, user.tags) if user else self.policy
        if user is None or longer == self.policy or self.keys.quarantine_policy(user.name):
            return self.policy
        return longer

    def _retire(
        self, snapshot: SecretSnapshot, superseded: Superseded, unbound: str, policy: RetirementPolicy
    ) -> tuple[SecretSnapshot, RetirementStep]:
        key = superseded.access_key_id
        facts = self.facts.read(snapshot, superseded, unbound, policy)
        superseded = self._with_observations(superseded, facts, policy)
        step = next_step(superseded, facts, policy, self.clock())
        if step in _UNWANTED:
            facts, step = self._confirm(snapshot, superseded, facts, policy, step)
        state, step = self._take(step, snapshot, superseded, facts, policy)
        done = RetirementStep(
            secret_name=snapshot.name,
            access_key_id=key,
            step=step,
            user_name=state.user_name,
            record=state.superseded_key(key) or superseded,
            facts=facts,
        )
        return replace(snapshot, state=state), done

    def _with_observations(
        self, superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy
    ) -> Superseded:
        """An announcement no longer counts once the key was missed: another one must come first."""
        if facts.listed is None:
            return superseded
        now, is_active = self.clock(), facts.listed.is_active
        seen = superseded.with_observed_use(facts.last_use.at if facts.last_use else None)
        seen = seen.with_observed_status(now, is_active=is_active)
        is_unchanged = is_active or is_left(seen, facts, policy, now)
        return seen if is_unchanged else replace(seen, announced_at=None)

    def _confirm(
        self,
        snapshot: SecretSnapshot,
        superseded: Superseded,
        facts: RetirementFacts,
        policy: RetirementPolicy,
        step: Step,
    ) -> tuple[RetirementFacts, Step]:
        """The step once more, with everything that may keep the key."""
        if superseded.retiring_at is None:
            facts = self.facts.with_known_pause(facts, superseded.access_key_id)
            step = next_step(superseded, facts, policy, self.clock())
        if violation := self._violation(snapshot, facts, step):
            return replace(facts, unbound=violation), Step.BLOCKED
        return facts, step

    def _violation(self, snapshot: SecretSnapshot, facts: RetirementFacts, step: Step) -> str:
        """Why the key is neither deactivated nor deleted; empty if it may be, or if it is not due."""
        if facts.listed is None or step not in _UNWANTED:
            return ""
        evidence = self.evidence.with_others(snapshot)
        if other := evidence.needed_by(facts.listed.access_key_id):
            return f"the secret {other} needs it, too"
        decision = decide_deletion(facts.listed, evidence, is_retirement_due=step is not Step.DEACTIVATE)
        is_allowed = step is Step.DEACTIVATE or decision is Deletion.RETIRED
        return "" if is_allowed else "its secret still needs it"

    def _take(
        self,
        step: Step,
        snapshot: SecretSnapshot,
        superseded: Superseded,
        facts: RetirementFacts,
        policy: RetirementPolicy,
    ) -> tuple[RotationState, Step]:
        """The step that was taken in the end: none if somebody has just changed what decided it."""
        state, key = snapshot.state, superseded.access_key_id
        if step is Step.DEACTIVATE:
            return self._deactivate(snapshot, superseded, facts)
        if step is Step.DELETE:
            return self._delete(snapshot, superseded, facts)
        if step is Step.REACTIVATE:
            return self._reactivate(state, superseded, policy), step
        if step is Step.STOP_TRACKING:
            return self.rotations.write(state.without_superseded(key)), step
        if facts.listed and facts.listed.is_active:
            superseded = superseded.without_intent()
        if step is Step.ANNOUNCE:
            superseded = replace(superseded, announced_at=self.clock())
        if step is Step.REMIND:
            superseded = replace(superseded, retire_after=self.clock() + policy.until_reminder)
        return self._record(state, superseded), step

    def _record(self, state: RotationState, superseded: Superseded) -> RotationState:
        is_known = state.superseded_key(superseded.access_key_id) == superseded
        return state if is_known else self.rotations.write(state.with_superseded(superseded))

    def _deactivate(
        self, snapshot: SecretSnapshot, superseded: Superseded, facts: RetirementFacts
    ) -> tuple[RotationState, Step]:
        """Recorded before and after, so that it is known who deactivated the key."""
        user, key = snapshot.state.user_name, superseded.access_key_id
        retiring = replace(superseded, retiring_at=self.clock(), deactivated_at=None)
        state = self.rotations.write(snapshot.state.with_superseded(retiring))
        if self.facts.read_again(snapshot, key, facts) != facts:
            return self._record(state, superseded), Step.WAIT
        self.keys.switch(user, key, on=False)
        found = self.facts.read_again(snapshot, key, facts)
        if replace(found, listed=facts.listed) != facts:  # IAM may not list the new status yet
            self.keys.switch(user, key, on=True)
            return self._record(state, superseded), Step.WAIT
        deactivated = replace(retiring, deactivated_at=self.clock())
        return self._record(state, deactivated), Step.DEACTIVATE

    def _delete(
        self, snapshot: SecretSnapshot, superseded: Superseded, facts: RetirementFacts
    ) -> tuple[RotationState, Step]:
        state, key = snapshot.state, superseded.access_key_id
        if self.facts.read_again(snapshot, key, facts) != facts:
            return state, Step.WAIT
        self.keys.delete(state.user_name, key)
        return self.rotations.write(state.without_superseded(key)), Step.DELETE

    def _reactivate(
        self, state: RotationState, superseded: Superseded, policy: RetirementPolicy
    ) -> RotationState:
        """Recorded before, or an interrupted run would leave a key that seems reactivated by a person."""
        since = superseded.deactivated_at or superseded.retiring_at
        later = self.clock() + policy.grace
        back = replace(superseded, retiring_at=None, deactivated_at=since, retire_after=later)
        state = self.rotations.write(state.with_superseded(back))
        self.keys.switch(state.user_name, superseded.access_key_id, on=True)
        return state


def _orphan_left(snapshot: SecretSnapshot, key: ListedKey, unbound: str) -> RetirementStep:
    created_at, key_id = key.created_at, key.access_key_id
    return RetirementStep(
        secret_name=snapshot.name,
        access_key_id=key_id,
        step=Step.BLOCKED,
        user_name=snapshot.state.user_name,
        record=Superseded(access_key_id=key_id, at=created_at, retire_after=created_at),
        facts=RetirementFacts(
            listed=key,
            last_use=None,
            successor_use=None,
            is_named=False,
            unbound=f"{unbound}, and the rotation that created it was interrupted",
        ),
    )
