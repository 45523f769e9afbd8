"""Whether the states of rotations explain what one of the remediator's own roles did to a key.

Every act is recorded in a state before it happens. One that no state explains was not the remediator's: some
principal else uses its role.
"""

from __future__ import annotations

from collections.abc import Iterable

from lambdas.aws.domain.iam import ACTIVE
from lambdas.aws.domain.iam_events import DELETE_KEY, IamEvent
from lambdas.rotation.domain.rotation_state import RotationState


def is_explained(event: IamEvent, states: Iterable[RotationState], *, was_active: bool) -> bool:
    """`event` stops or reactivates a key, which `was_active` before. The states are those of its user."""
    return any(_explains(state, event, was_active=was_active) for state in states)


def _explains(state: RotationState, event: IamEvent, *, was_active: bool) -> bool:
    """A state no longer has a key that was deleted by its retirement. But such a key was inactive by then,
    and its deactivation was checked.
    """
    superseded = state.superseded_key(event.access_key_id)
    if event.event_name == DELETE_KEY:
        created = state.created_key(event.access_key_id)
        is_lost = created is not None and not created.promoted
        return not was_active or superseded is not None or is_lost
    return superseded is not None and (event.status == ACTIVE or superseded.retiring_at is not None)
