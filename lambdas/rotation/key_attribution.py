"""Who created or deactivated a key, according to the ledger, or else CloudTrail's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from lambdas.aws.domain.iam import ACTIVE, KeyChange
from lambdas.aws.domain.iam_events import CREATE_KEY, UPDATE_KEY
from lambdas.aws.domain.principals import acted_as, is_automation
from lambdas.aws.ports import TrailHistory
from lambdas.ledger.ports import Ledger


@dataclass(kw_only=True, eq=False, repr=False)
class RecordedKeyAttribution:
    ledger: Ledger
    trail: TrailHistory
    rotation_role: str  # the name of the role of our own function
    retirement_role: str
    automations: tuple[str, ...] = ()  # beginnings of principals that are no persons

    def created_by_us(self, access_key_id: str) -> bool | None:
        creation = self._last(access_key_id, CREATE_KEY)
        return None if creation is None else acted_as(creation.by, self.rotation_role)

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
        recorded = [it for it in self.trail.changes(access_key_id) if it.event_name == UPDATE_KEY and it.by]
        if recorded:
            newest_first = sorted(recorded, key=lambda change: change.at, reverse=True)
            return list(takewhile(lambda change: change.status != ACTIVE, newest_first))
        last = self._last(access_key_id, UPDATE_KEY)
        return [last] if last and last.status != ACTIVE else []

    def _last(self, access_key_id: str, event_name: str) -> KeyChange | None:
        """From the ledger if it names the principal."""
        entry = self.ledger.key(access_key_id)
        known = entry.history if entry else ()
        return _newest(known, event_name) or _newest(self.trail.changes(access_key_id), event_name)


def _newest(changes: tuple[KeyChange, ...], event_name: str) -> KeyChange | None:
    found = (change for change in changes if change.event_name == event_name and change.by)
    return max(found, key=lambda change: change.at, default=None)
