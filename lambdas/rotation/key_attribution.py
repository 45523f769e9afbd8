"""Who created or deactivated a key, according to CloudTrail's event history.

The ledger is not asked: its records arrive as messages, and a forged one could have a key deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.domain.iam import KeyChange
from lambdas.aws.domain.iam_events import CREATE_KEY, UPDATE_KEY
from lambdas.aws.domain.principals import acted_as, is_automation
from lambdas.aws.ports import TrailHistory
from lambdas.rotation.domain.creation_agent import creation_agent
from lambdas.rotation.domain.deactivation import ends_since_active


@dataclass(kw_only=True, eq=False, repr=False)
class RecordedKeyAttribution:
    trail: TrailHistory
    rotation_role: str  # the name of the role of our own function
    retirement_role: str
    automations: tuple[str, ...] = ()  # beginnings of principals that are no persons

    def created_for(self, access_key_id: str, secret_name: str) -> bool | None:
        """By the earliest record: a key is created once."""
        creations = self._recorded(access_key_id, CREATE_KEY)
        if not creations:
            return None
        first = min(creations, key=lambda change: change.at)
        is_ours = acted_as(first.by, self.rotation_role)
        return is_ours and creation_agent(secret_name) in first.user_agent

    def deactivated_by_us(self, access_key_id: str) -> bool | None:
        """Every deactivation in a row counts: another principal's means that the key must stay inactive."""
        deactivations = self._last_deactivations(access_key_id)
        return all(acted_as(one.by, self.retirement_role) for one in deactivations) if deactivations else None

    def contained_at(self, access_key_id: str) -> datetime | None:
        """Every deactivation in a row counts but ours: a person's means that the key must stay inactive."""
        deactivations = self._last_deactivations(access_key_id)
        others = [one for one in deactivations if not acted_as(one.by, self.retirement_role)]
        if not others or not all(is_automation(one.by, self.automations) for one in others):
            return None
        return deactivations[-1].at

    def _last_deactivations(self, access_key_id: str) -> list[KeyChange]:
        """Since the key was last active, the newest first; empty without a record."""
        return ends_since_active(self._recorded(access_key_id, UPDATE_KEY))

    def _recorded(self, access_key_id: str, event_name: str) -> list[KeyChange]:
        changes = self.trail.changes(access_key_id)
        return [change for change in changes if change.event_name == event_name and change.by]
