"""Who made a key, or switched it off: by the ledger, else by CloudTrail's history."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import ACTIVE
from lambdas.aws.domain.iam_events import CREATE_KEY, UPDATE_KEY
from lambdas.aws.domain.principals import acted_as, is_automation

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.iam import KeyChange
    from lambdas.aws.ports import TrailHistory
    from lambdas.ledger.ports import Ledger


@dataclass(frozen=True, kw_only=True)
class RecordedKeyAttribution:
    """`rotation_role` and `retirement_role` are the names of the roles of our own functions, `automations`
    begin the principals that are no persons.
    """

    ledger: Ledger
    trail: TrailHistory
    rotation_role: str
    retirement_role: str
    automations: tuple[str, ...] = ()

    def created_by_us(self, access_key_id: str) -> bool | None:
        made = self._last(access_key_id, CREATE_KEY)
        return None if made is None else acted_as(made.by, self.rotation_role)

    def deactivated_by_us(self, access_key_id: str) -> bool | None:
        """Of deactivations in a row all count: another's says that the key is to stay off."""
        ends = self._last_deactivations(access_key_id)
        return all(acted_as(end.by, self.retirement_role) for end in ends) if ends else None

    def contained_at(self, access_key_id: str) -> datetime | None:
        """Of deactivations in a row all count but ours: a person's says that the key is to stay off."""
        ends = self._last_deactivations(access_key_id)
        others = [end for end in ends if not acted_as(end.by, self.retirement_role)]
        if not others or not all(is_automation(end.by, self.automations) for end in others):
            return None
        return ends[-1].at

    def _last_deactivations(self, access_key_id: str) -> list[KeyChange]:
        """Since the key was last active, the newest first; empty while no record tells."""
        recorded = [it for it in self.trail.changes(access_key_id) if it.event_name == UPDATE_KEY and it.by]
        if recorded:
            newest_first = sorted(recorded, key=lambda change: change.at, reverse=True)
            return list(takewhile(lambda change: change.status != ACTIVE, newest_first))
        last = self._last(access_key_id, UPDATE_KEY)
        return [last] if last and last.status != ACTIVE else []

    def _last(self, access_key_id: str, event_name: str) -> KeyChange | None:
        """By the ledger if it names who it was."""
        entry = self.ledger.key(access_key_id)
        known = entry.history if entry else ()
        return _newest(known, event_name) or _newest(self.trail.changes(access_key_id), event_name)


def _newest(changes: tuple[KeyChange, ...], event_name: str) -> KeyChange | None:
    found = (change for change in changes if change.event_name == event_name and change.by)
    return max(found, key=lambda change: change.at, default=None)
