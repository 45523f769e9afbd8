"""Keys of a user that no version of its secret names: losses of a rotation, or a person's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from lambdas.rotation.domain.rotation_state import RotationState


@dataclass(frozen=True, kw_only=True)
class OrphanedKeys:
    """`lost` by our own record: made by a rotation that never promoted them, by runs that are over. `fresh`
    the same, but a run may still be at it. `doubtful` appeared while a rotation was under way, and nothing of
    ours tells whether it made them: a run that dies right after IAM's answer leaves such a key, and so does a
    person who makes one in that minute.
    """

    lost: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


def strays(
    listed: Iterable[str], named: Collection[str], state: RotationState, over_before: datetime
) -> OrphanedKeys:
    """`over_before` is when a run must have begun to be over by now."""
    waited_for = state.superseded_ids | state.lent_ids
    unnamed = [key for key in listed if key not in named and key not in waited_for]
    records = {key: record for key in unnamed if (record := state.record_of(key))}
    never_used = {key: record for key, record in records.items() if not record.promoted}
    return OrphanedKeys(
        lost=tuple(key for key, record in never_used.items() if record.at < over_before),
        fresh=tuple(key for key, record in never_used.items() if record.at >= over_before),
        doubtful=tuple(key for key in unnamed if key not in records and _came_during_a_rotation(key, state)),
    )


def _came_during_a_rotation(key: str, state: RotationState) -> bool:
    return any(key not in intent.existing for intent in state.intents.values())
