"""Notify: tells people and machines what they were not yet told, and records what went out.

People and machines are told independently: one channel's failure neither holds back the other nor
makes it repeat itself when the message is tried again. The alert goes last, right before it is recorded,
so that only a crash between these two could send it twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.domain.alert import compose_alert
from lambdas.domain.incident_event import incident_event_detail

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.domain.finding import Finding
    from lambdas.domain.ports import AlertTopic, IncidentBus, Incidents


def notify(finding: Finding, topic: AlertTopic, bus: IncidentBus, incidents: Incidents) -> None:
    """Raises the first channel's error, after recording what did go out, if one refused its message."""
    incident, failures = finding.incident, list[Exception]()
    if finding.event_is_due and _went_out(lambda: bus.put(incident_event_detail(finding)), failures):
        incident = replace(incident, announced=finding.diagnosis.cause)
    if finding.alert_is_due and _went_out(lambda: topic.publish(compose_alert(finding)), failures):
        incident = replace(incident, alerts_sent=incident.alerts_sent + 1, alerted=finding.diagnosis.cause)
    incidents.settle(replace(finding, incident=incident))
    if failures:
        raise failures[0]


def _went_out(tell: Callable[[], None], failures: list[Exception]) -> bool:
    try:
        tell()
    except Exception as error:  # noqa: BLE001 -- raised again once the other channel is served
        failures.append(error)
        return False
    return True
