"""A user's keys that no version of its secret names: lost by a rotation, or created by a person."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from lambdas.rotation.domain.rotation_state import RotationState


@dataclass(frozen=True, kw_only=True)
class OrphanedKeys:
    orphaned: tuple[str, ...] = ()  # recorded as ours, never promoted, and the run that created it is over
    in_flight: tuple[str, ...] = ()  # the same, but the run may still use it
    # Created while a rotation was under way, by no record of ours: a run that is interrupted right after
    # IAM's answer leaves such a key, and so does a person who creates one in that minute.
    unattributed: tuple[str, ...] = ()


def find_orphaned_keys(
    listed: Iterable[str], named: AbstractSet[str], state: RotationState, over_before: datetime
) -> OrphanedKeys:
    """`over_before`: a run that started earlier is over."""
    expected = named | state.superseded_ids | state.lent_ids
    unnamed = [key for key in listed if key not in expected]
    records = {key: created for key in unnamed if (created := state.created_key(key))}
    never_used = {key: created for key, created in records.items() if not created.promoted}
    return OrphanedKeys(
        orphaned=tuple(key for key, created in never_used.items() if created.at < over_before),
        in_flight=tuple(key for key, created in never_used.items() if created.at >= over_before),
        unattributed=tuple(key for key in unnamed if key not in records and _is_new_to_an_intent(key, state)),
    )


def _is_new_to_an_intent(key: str, state: RotationState) -> bool:
    return any(key not in intent.existing for intent in state.intents.values())
