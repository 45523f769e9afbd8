"""Reads what decides whether a user's keys may be deleted. If something cannot be read, nothing is deleted.

The user's keys must be listed before: the run that created a listed key recorded its intent even earlier, so
its record is seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import ListedKey
from lambdas.rotation.domain.key_deletion import Deletion, DeletionEvidence, OtherSecret, decide_deletion
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, PENDING
from lambdas.rotation.ports import KeyAttribution, Rotations, SecretGoneError, Secrets
from lambdas.rotation.secret_snapshot import SecretSnapshot

# The rotation function's time limit and some: a run that started earlier is over, however it ended.
MAX_RUN_TIME = timedelta(seconds=150)


@dataclass(kw_only=True, eq=False, repr=False)
class DeletionEvidenceReader:
    secrets: Secrets
    rotations: Rotations
    attribution: KeyAttribution
    unused_for: timedelta  # an inactive key that was unused for so long may be deleted to free a slot
    clock: Callable[[], datetime]

    def of_the_secret(self, snapshot: SecretSnapshot) -> DeletionEvidence:
        """Without the user's other secrets and without CloudTrail: whatever it keeps is kept."""
        return DeletionEvidence(
            state=snapshot.state,
            named=snapshot.named_keys(),
            in_service=frozenset({snapshot.key_id(CURRENT), snapshot.key_id(PENDING)}) - {""},
            over_before=self.clock() - MAX_RUN_TIME,
            unused_since=self.clock() - self.unused_for,
        )

    def with_others(self, snapshot: SecretSnapshot) -> DeletionEvidence:
        states = self.rotations.states_of(snapshot.state.user_id)
        others = [self._other(state) for state in states if state.secret_name != snapshot.name]
        return replace(self.of_the_secret(snapshot), others=tuple(others))

    def of_lost_keys(self, snapshot: SecretSnapshot, listed: Iterable[ListedKey]) -> DeletionEvidence:
        """With everything that decides whether a rotation lost one of the keys, and no more."""
        own = self.of_the_secret(snapshot)
        candidates = [key for key in listed if decide_deletion(key, own) is not Deletion.KEPT]
        return self.with_creators(self.with_others(snapshot), candidates) if candidates else own

    def with_creators(self, evidence: DeletionEvidence, listed: Iterable[ListedKey]) -> DeletionEvidence:
        """CloudTrail is asked about no key that is accounted for."""
        unattributed = [
            key.access_key_id for key in listed if decide_deletion(key, evidence) is Deletion.UNATTRIBUTED
        ]
        secret = evidence.state.secret_name
        created_for = {key: self.attribution.created_for(key, secret) for key in unattributed}
        return replace(evidence, created_for=created_for)

    def _other(self, state: RotationState) -> OtherSecret:
        """A secret that is scheduled for deletion can be restored, but not read: its state must do."""
        try:
            description = self.secrets.describe_secret(state.secret_name)
        except SecretGoneError:
            return OtherSecret(state=state, exists=False)
        if description.is_being_deleted:
            return OtherSecret(state=state)
        other = SecretSnapshot(secrets=self.secrets, description=description, state=state)
        return OtherSecret(state=state, named=other.named_keys())
