"""The event of an open incident whose key was rotated, or whose rotation failed."""

from __future__ import annotations

from lambdas.alerting.domain.incident_event import incident_event_detail
from lambdas.incidents.domain.incident import Assessment, Incident, RotationEnd, Transition
from lambdas.incidents.domain.rotation_outcome import rotation_map


def rotation_event_detail(
    incident: Incident, assessment: Assessment, account: str, end: RotationEnd
) -> dict[str, object]:
    """The fields of every incident event, and `rotation`."""
    transition = Transition.ROTATION_SUCCEEDED if end.succeeded else Transition.ROTATION_FAILED
    return incident_event_detail(incident, assessment, account, transition) | {"rotation": rotation_map(end)}
