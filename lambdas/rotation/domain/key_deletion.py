"""Decides whether a key may be deleted: for rotation, retirement, repair and the freeing of slots alike.

No live key is deleted that a managed secret, the state of a rotation, or a person's creation accounts for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from lambdas.aws.domain.iam import LastUse, ListedKey
from lambdas.rotation.domain.rotation_state import RotationState


class Deletion(StrEnum):
    LOST = "lost"  # a rotation of this secret created it, and no run can use it any more
    RETIRED = "retired"  # replaced and inactive, and its time is over
    UNUSED = "unused"  # inactive, needed by nothing and unused for long
    IN_FLIGHT = "in-flight"  # a run may still use it
    UNATTRIBUTED = "unattributed"  # created during a rotation, and no record says by whom yet
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True)
class OtherSecret:
    """Another managed secret of the same user."""

    state: RotationState
    named: frozenset[str] = frozenset()  # the keys in its labelled versions
    exists: bool = True  # False if nobody can restore it

    def needs(self, access_key_id: str) -> bool:
        return access_key_id in self.named or (self.exists and self.state.needs_key(access_key_id))

    def accounts_for(self, key: ListedKey) -> bool:
        """Of a live key, even a past rotation shows that it is none that this secret lost."""
        is_known = key.is_active and self.state.knows_key(key.access_key_id)
        return is_known or self.needs(key.access_key_id)


@dataclass(frozen=True, kw_only=True)
class DeletionEvidence:
    """What is known of a user's keys. What was not read is missing, which never permits a deletion."""

    state: RotationState  # of the secret whose rotation, repair or retirement asks
    named: frozenset[str]  # the keys in its labelled versions
    in_service: frozenset[str] = frozenset()  # those in AWSCURRENT and AWSPENDING
    others: tuple[OtherSecret, ...] = ()
    created_for: Mapping[str, bool | None] = field(default_factory=dict)
    last_uses: Mapping[str, LastUse | None] = field(default_factory=dict)  # None if it was never used
    over_before: datetime  # a run that started earlier is over
    unused_since: datetime

    def with_last_uses(self, last_uses: Mapping[str, LastUse | None]) -> DeletionEvidence:
        return replace(self, last_uses=last_uses)

    def needed_by(self, access_key_id: str) -> str:
        """The name of another secret that needs the key; empty if there is none."""
        names = (one.state.secret_name for one in self.others if one.needs(access_key_id))
        return next(names, "")


def decide_deletion(
    key: ListedKey, evidence: DeletionEvidence, *, is_retirement_due: bool = False
) -> Deletion:
    key_id, state = key.access_key_id, evidence.state
    if key_id in state.lent_ids or any(other.accounts_for(key) for other in evidence.others):
        return Deletion.KEPT
    if key_id in state.superseded_ids:
        is_over = is_retirement_due and not key.is_active and key_id not in evidence.in_service
        return Deletion.RETIRED if is_over else Deletion.KEPT
    if key_id in evidence.named:
        return Deletion.KEPT
    origin = _origin(key_id, evidence)
    can_be_unused = origin in {Deletion.KEPT, Deletion.UNATTRIBUTED}
    return Deletion.UNUSED if can_be_unused and _is_unused(key, evidence) else origin


def _origin(key_id: str, evidence: DeletionEvidence) -> Deletion:
    """Whether a rotation of this secret lost the key: by its own record, or else by CloudTrail's."""
    state = evidence.state
    created = state.created_key(key_id)
    if created:
        is_over = created.at < evidence.over_before
        return Deletion.KEPT if created.promoted else _lost_if(is_over)
    if not any(key_id not in intent.existing for intent in state.intents.values()):
        return Deletion.KEPT
    created_for_this = evidence.created_for.get(key_id)
    if created_for_this is None:
        return Deletion.UNATTRIBUTED
    all_over = all(intent.at < evidence.over_before for intent in state.intents.values())
    return _lost_if(all_over) if created_for_this else Deletion.KEPT


def _lost_if(is_over: bool) -> Deletion:  # noqa: FBT001 -- a predicate of one fact
    return Deletion.LOST if is_over else Deletion.IN_FLIGHT


def _is_unused(key: ListedKey, evidence: DeletionEvidence) -> bool:
    if key.is_active or key.access_key_id not in evidence.last_uses:
        return False
    use = evidence.last_uses[key.access_key_id]
    return (use.at if use else key.created_at) < evidence.unused_since
