"""The event of an open incident whose key was rotated, or was to be: for machines, as incident_event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.alerting.domain.incident_event import incident_event_detail
from lambdas.incidents.domain.rotation_outcome import rotation_map
from lambdas.incidents.domain.transition import Transition

if TYPE_CHECKING:
    from lambdas.incidents.domain.assessment import Assessment
    from lambdas.incidents.domain.incident import Incident, RotationEnd


def rotation_event_detail(
    incident: Incident, standing: Assessment, account: str, end: RotationEnd
) -> dict[str, object]:
    """With the fields of any incident event, and `rotation`."""
    transition = Transition.ROTATION_SUCCEEDED if end.succeeded else Transition.ROTATION_FAILED
    return incident_event_detail(incident, standing, account, transition) | {"rotation": rotation_map(end)}
