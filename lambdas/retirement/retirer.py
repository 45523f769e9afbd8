"""Retirer: deactivates, deletes or reactivates the replaced keys of one managed secret, hour by hour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.aws.domain.iam import LastUse, Resolved
from lambdas.ledger.domain.enrolment_tags import read_claim
from lambdas.ledger.last_use import read_last_use
from lambdas.retirement.domain.retirement import RetirementFacts, RetirementPolicy, Step, next_step
from lambdas.retirement.rotation_repair import RotationRepair
from lambdas.rotation.deletion_evidence import DeletionEvidenceReader
from lambdas.rotation.domain.binding import binding_violation
from lambdas.rotation.domain.key_deletion import Deletion, decide_deletion
from lambdas.rotation.domain.rotation_state import RotationState, Superseded
from lambdas.rotation.domain.secret_description import CURRENT, PENDING
from lambdas.rotation.ports import (
    KeyAttribution,
    RefusedError,
    Rotations,
    SecretGoneError,
    Secrets,
    UserKeys,
)
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.secret_snapshot import SecretSnapshot, read_snapshot

UNKNOWN_CALLERS = "no failed call came from where the key was used before, by CloudTrail's event history"


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
    attribution: KeyAttribution
    preconditions: Preconditions
    repair: RotationRepair
    evidence: DeletionEvidenceReader
    policy: RetirementPolicy
    has_failed_calls: Callable[[str, datetime], bool]  # calls with the key, since then
    # Whether a failed call came from where the key, last used then, was used before.
    known_caller_failed: Callable[[str, LastUse | None], bool]
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
        snapshot = self.repair.abandon_dead_rotation(snapshot)
        snapshot = self.repair.record_promotion(snapshot)
        snapshot = snapshot.with_keys(self.keys, snapshot.state.user_name)
        snapshot = self.repair.record_observations(snapshot)
        if snapshot.listed is None:
            return []
        unbound = self._binding_violation(snapshot)
        snapshot = self.repair.delete_orphaned_keys(snapshot, may_delete=not unbound)
        return self._retire(snapshot, unbound)

    def _binding_violation(self, snapshot: SecretSnapshot) -> str:
        """At this moment: the user may claim another secret since the last rotation of this one."""
        user = self.keys.describe(snapshot.state.user_name)
        claim = read_claim(user.name, user.user_id, user.tags) if user else None
        return binding_violation(claim, snapshot.description, self.preconditions.prefix)

    def _retire(self, snapshot: SecretSnapshot, unbound: str) -> list[RetirementStep]:
        steps, state = [], snapshot.state
        for superseded in state.superseded:
            facts = self._facts(replace(snapshot, state=state), superseded, unbound)
            step = next_step(superseded, facts, self.policy, self.clock())
            if violation := self._violation(replace(snapshot, state=state), facts, step):
                facts, step = replace(facts, unbound=violation), Step.BLOCKED
            state = self._take(step, state, superseded)
            key = superseded.access_key_id
            steps.append(
                RetirementStep(
                    secret_name=snapshot.name,
                    access_key_id=key,
                    step=step,
                    user_name=state.user_name,
                    record=state.superseded_key(key) or superseded,
                    facts=facts,
                )
            )
        return steps

    def _violation(self, snapshot: SecretSnapshot, facts: RetirementFacts, step: Step) -> str:
        """Why the key is neither deactivated nor deleted; empty if it may be, or if neither is due."""
        if facts.listed is None or step not in {Step.DEACTIVATE, Step.DELETE}:
            return ""
        evidence = self.evidence.with_others(snapshot)
        if other := evidence.needed_by(facts.listed.access_key_id):
            return f"the secret {other} needs it, too"
        decision = decide_deletion(facts.listed, evidence, is_retirement_due=step is Step.DELETE)
        is_allowed = step is Step.DEACTIVATE or decision is Deletion.RETIRED
        return "" if is_allowed else "its secret still needs it"

    def _facts(self, snapshot: SecretSnapshot, superseded: Superseded, unbound: str) -> RetirementFacts:
        state, key_id = snapshot.state, superseded.access_key_id
        current = snapshot.key_id(CURRENT)
        listed = next((key for key in snapshot.listed or () if key.access_key_id == key_id), None)
        successor = state.created_key(current)
        off_at = superseded.retiring_at or superseded.deactivated_at
        is_off = listed is not None and not listed.is_active
        has_failed = (off_at is not None or is_off) and self.has_failed_calls(
            key_id, off_at or superseded.retire_after
        )
        may_reactivate = has_failed and is_off and self.policy.reactivates
        last_use = self._last_use(key_id, must_exist=True) if listed else None
        return RetirementFacts(
            listed=listed,
            last_use=last_use,
            successor_use=self._last_use(current, must_exist=False),
            is_named=key_id in {current, snapshot.key_id(PENDING)},
            successor_is_alive=snapshot.is_alive(current),
            successor_is_borrowed=current != "" and current == state.borrowed_key_id,
            successor_since=successor.at if successor else None,
            deactivated_by_us=self.attribution.deactivated_by_us(key_id) if off_at else None,
            contained_at=self.attribution.contained_at(key_id) if is_off else None,
            has_failed_calls=has_failed,
            lends=bool(state.lent),
            returned_at=state.returned_at,
            unbound=unbound,
            guardrail=self._guardrail(snapshot, key_id, last_use) if may_reactivate else "",
        )

    def _guardrail(self, snapshot: SecretSnapshot, access_key_id: str, last_use: LastUse | None) -> str:
        """What forbids reactivating a key; empty if nothing does. Whatever forbids a new key does, and so do
        failed calls from anywhere else than before: anybody who knows the key's id can make them.
        """
        try:
            self.preconditions.check(snapshot.description, snapshot.state.user_name)
        except RefusedError as error:
            return str(error)
        return "" if self.known_caller_failed(access_key_id, last_use) else UNKNOWN_CALLERS

    def _take(self, step: Step, state: RotationState, superseded: Superseded) -> RotationState:
        key = superseded.access_key_id
        if step is Step.STOP_TRACKING:
            return self.rotations.write(state.without_superseded(key))
        if step is Step.REMIND:
            later = replace(superseded, retire_after=self.clock() + self.policy.grace)
            return self.rotations.write(state.with_superseded(later))
        if step is Step.DEACTIVATE:
            return self._deactivate(state, superseded)
        if step is Step.REACTIVATE:
            return self._reactivate(state, superseded)
        if step is Step.DELETE:
            self.keys.delete(state.user_name, key)
            return self.rotations.write(state.without_superseded(key))
        return state

    def _deactivate(self, state: RotationState, superseded: Superseded) -> RotationState:
        """Recorded before and after, so that it is known who deactivated the key."""
        retiring = replace(superseded, retiring_at=self.clock(), deactivated_at=None)
        state = self.rotations.write(state.with_superseded(retiring))
        self.keys.switch(state.user_name, superseded.access_key_id, on=False)
        deactivated = replace(retiring, deactivated_at=self.clock())
        return self.rotations.write(state.with_superseded(deactivated))

    def _reactivate(self, state: RotationState, superseded: Superseded) -> RotationState:
        """Recorded before, or an interrupted run would leave a key that seems reactivated by a person."""
        since = superseded.deactivated_at or superseded.retiring_at
        later = self.clock() + self.policy.grace
        back = replace(superseded, retiring_at=None, deactivated_at=since, retire_after=later)
        state = self.rotations.write(state.with_superseded(back))
        self.keys.switch(state.user_name, superseded.access_key_id, on=True)
        return state

    def _last_use(self, access_key_id: str, *, must_exist: bool) -> LastUse | None:
        """Raises TransientError if IAM does not answer for a key that it lists: the key may be in use."""
        if must_exist:
            return read_last_use(self.keys, access_key_id)
        answer = self.keys.look_up(access_key_id) if access_key_id else None
        return answer.last_use if isinstance(answer, Resolved) else None
