"""Repairs what an interrupted rotation or fail over left: labels, missing records and orphaned keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import ListedKey, find_key
from lambdas.rotation.deletion_evidence import MAX_RUN_TIME, DeletionEvidenceReader
from lambdas.rotation.domain.fail_overs import LentKey
from lambdas.rotation.domain.key_deletion import Deletion, decide_deletion
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, EDITED, LOAN, PENDING, PREVIOUS
from lambdas.rotation.key_removal import delete_if_unchanged
from lambdas.rotation.ports import Rotations, SecretGoneError, Secrets, UserKeys
from lambdas.rotation.secret_snapshot import SecretSnapshot

# Secrets Manager has stopped its retries long before (aws-facts 5).
DEAD_AFTER = timedelta(hours=1)


@dataclass(kw_only=True, eq=False, repr=False)
class RotationRepair:
    secrets: Secrets
    keys: UserKeys
    rotations: Rotations
    evidence: DeletionEvidenceReader
    grace: timedelta  # how long a replaced key is kept at least
    clock: Callable[[], datetime]

    def abandon_dead_rotation(self, snapshot: SecretSnapshot) -> SecretSnapshot:
        """Removes the label AWSPENDING of a dead rotation, which blocks every later one.

        The rotation is recorded as abandoned first, so that no late run promotes a key that is about to be
        deleted.
        """
        state, pending = snapshot.state, snapshot.description.labelled(PENDING)
        if not snapshot.description.is_rotating:
            return snapshot
        last_activity = state.last_activity(pending)
        if last_activity is None:  # it has just started, or this is when its time begins to run
            listed = self.keys.list_keys(state.user_name) if state.user_name else None
            intended = state.with_intent(pending, [key.access_key_id for key in listed or ()], self.clock())
            return replace(snapshot, state=self.rotations.write(intended))
        if last_activity >= self.clock() - DEAD_AFTER and not state.was_finished(pending):
            return snapshot
        state = self.rotations.write(state.with_abandoned(pending))
        self.secrets.drop_pending(snapshot.name, pending)
        description = self.secrets.describe_secret(snapshot.name)
        return replace(snapshot, state=state, description=description)

    def record_promotion(self, snapshot: SecretSnapshot) -> SecretSnapshot:
        """Records what a run did not that was interrupted right after it promoted a key."""
        recorded = snapshot.state.with_completed_promotion(
            snapshot.key_id(CURRENT), snapshot.key_id(PREVIOUS), self.clock(), self.grace
        )
        return self._recorded(snapshot, recorded)

    def record_observations(self, snapshot: SecretSnapshot) -> SecretSnapshot:
        """Records the keys in the secret, for functions that may not read it, and the loans that are over."""
        state, current = snapshot.state, snapshot.key_id(CURRENT)
        observed = self._with_left_key(snapshot, current)
        observed = observed.with_observed_keys(current, snapshot.key_id(PREVIOUS), self.clock(), self.grace)
        over_before = self.clock() - MAX_RUN_TIME
        if state.loan and state.loan.access_key_id != current and state.loan.since < over_before:
            observed = replace(observed, loan=None)
        for lent in state.lent:
            if lent.since < over_before and not self._is_still_lent(lent):
                observed = observed.with_returned(lent.borrower, self.clock())
        self._drop_labels_left_behind(snapshot, over_before)
        return self._recorded(snapshot, observed)

    def _recorded(self, snapshot: SecretSnapshot, state: RotationState) -> SecretSnapshot:
        return snapshot if state == snapshot.state else replace(snapshot, state=self.rotations.write(state))

    def _drop_labels_left_behind(self, snapshot: SecretSnapshot, over_before: datetime) -> None:
        """A run that was interrupted as soon as it had moved AWSCURRENT left its own label on the version,
        which would be kept with its key for good.
        """
        state, description = snapshot.state, snapshot.description
        loan, edited = description.labelled(LOAN), description.labelled(EDITED)
        if loan and (state.loan is None or state.loan.since < over_before):
            self.secrets.drop_loan(snapshot.name, loan)
        created = state.created_key(snapshot.key_id(EDITED))
        if edited and (created is None or created.at < over_before):
            self.secrets.drop_edited(snapshot.name, edited)

    def _is_still_lent(self, lent: LentKey) -> bool:
        """A secret that is scheduled for deletion can be restored with the key. One that is gone cannot."""
        if self.rotations.read(lent.borrower).borrowed_key_id != lent.access_key_id:
            return False
        try:
            self.secrets.describe_secret(lent.borrower)
        except SecretGoneError:
            return False
        return True

    def _with_left_key(self, snapshot: SecretSnapshot, current: str) -> RotationState:
        """A key that AWSCURRENT no longer names takes a slot until it is retired: a fail over was
        interrupted, or a person has approved one, moved the label back or stored another key. An active key
        that no rotation created is left to its creator.
        """
        state, left = snapshot.state, snapshot.state.current_key_id
        key = find_key(left, snapshot.listed)
        if left == current or key is None or left in state.superseded_ids:
            return state
        created = state.created_key(left)
        is_ours = created is not None and created.promoted
        return state.superseding(left, self.clock(), self.grace) if is_ours or not key.is_active else state

    def delete_orphaned_keys(self, snapshot: SecretSnapshot, *, may_delete: bool) -> SecretSnapshot:
        """Deletes the keys that a rotation provably lost, and drops the intents that are no longer needed.

        An intent is kept until it is known who created each later key, and until our own are deleted.
        """
        state, listed = snapshot.state, snapshot.listed or ()
        decisions, over_before = self._decide(snapshot)
        lost = [key for key, decision in decisions.items() if decision is Deletion.LOST]
        if lost and not may_delete:
            return snapshot
        if lost:
            state = self.rotations.write(state.with_keys_abandoned(lost))  # fails if a run has just started
        for key in listed:
            if key.access_key_id in lost:
                delete_if_unchanged(self.keys, state.user_name, key)
        all_over = all(intent.at < over_before for intent in state.intents.values())
        if all_over and Deletion.UNATTRIBUTED not in decisions.values():
            state = self._without_settled_intents(snapshot, state)
        return replace(snapshot, state=state)

    def lost_keys(self, snapshot: SecretSnapshot) -> list[ListedKey]:
        """The keys that a rotation provably lost."""
        decisions, _ = self._decide(snapshot)
        return [key for key in snapshot.listed or () if decisions[key.access_key_id] is Deletion.LOST]

    def _decide(self, snapshot: SecretSnapshot) -> tuple[dict[str, Deletion], datetime]:
        """What becomes of each key of the user; and when a run must have started that is over."""
        listed = snapshot.listed or ()
        evidence = self.evidence.of_lost_keys(snapshot, listed)
        return {key.access_key_id: decide_deletion(key, evidence) for key in listed}, evidence.over_before

    def _without_settled_intents(self, snapshot: SecretSnapshot, state: RotationState) -> RotationState:
        over = [token for token in state.intents if not snapshot.description.is_pending(token)]
        return self.rotations.write(state.without_intents(over)) if over else state
