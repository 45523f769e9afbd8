"""Distinguishes what the remediator did to a key from what somebody else did with one of its roles."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.aws.domain.iam import ACTIVE
from lambdas.aws.domain.iam_events import IamEvent
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.rotation.domain.own_acts import is_explained
from lambdas.rotation.ports import Rotations


@dataclass(kw_only=True, eq=False, repr=False)
class OwnActCheck:
    rotations: Rotations

    def explains(self, event: IamEvent, entry: KeyEntry, user_id: str) -> bool:
        """Whether the states of the user's secrets explain what one of the remediator's roles did."""
        was_active = entry.status is None or entry.status.value == ACTIVE
        return is_explained(event, self.rotations.states_of(user_id), was_active=was_active)
