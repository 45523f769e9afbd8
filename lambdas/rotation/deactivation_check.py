"""Checks whether automations alone deactivated or deleted a key.

The ledger's records arrive as messages, so it is not enough that the ledger says so: CloudTrail's event
history, which no sender of a message can write, must have the same change.
"""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.aws.domain.iam import KeyChange
from lambdas.aws.domain.principals import is_automation
from lambdas.aws.ports import TrailHistory
from lambdas.errors import TransientError
from lambdas.rotation.domain.deactivation import DeactivatedBy, ends_since_active


@dataclass(kw_only=True, eq=False, repr=False)
class DeactivationCheck:
    trail: TrailHistory
    automations: tuple[str, ...]  # principals whose deactivation of a key is no containment by a person

    def deactivated_by(self, access_key_id: str, known: tuple[KeyChange, ...]) -> DeactivatedBy:
        """`known` are the changes on record."""
        ends = ends_since_active(known)
        if not self._are_automations(ends):
            return DeactivatedBy.ANYBODY
        recorded = self._recorded_ends(access_key_id)
        if not any(_is_same(ends[0], end) for end in recorded):
            return DeactivatedBy.UNCONFIRMED
        return DeactivatedBy.AUTOMATION if self._are_automations(recorded) else DeactivatedBy.ANYBODY

    def _are_automations(self, ends: list[KeyChange]) -> bool:
        """If a bot deletes a key that a person had deactivated, it is still that person's containment. An
        unknown principal counts as a person.
        """
        return bool(ends) and all(is_automation(end.by, self.automations) for end in ends)

    def _recorded_ends(self, access_key_id: str) -> list[KeyChange]:
        """Empty if the history cannot be read: that confirms nothing, and delays no alert."""
        try:
            return ends_since_active(self.trail.changes(access_key_id))
        except TransientError:
            return []


def _is_same(one: KeyChange, other: KeyChange) -> bool:
    """Whether both are read from the same record."""
    return (one.event_name, one.at, one.by, one.status) == (
        other.event_name,
        other.at,
        other.by,
        other.status,
    )
