"""Notify: tells people and machines what they were not yet told. What a channel does not take goes into the
incident's outbox, from which the timer sends it later, in order.

People and machines are told independently: one channel's failure neither holds back the other nor
makes it repeat itself. The alert goes last, right before it is recorded, so that only a crash between
these two could send it twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.domain.errors import PermanentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lambdas.domain.alert import Alert
    from lambdas.domain.incident import Incident
    from lambdas.domain.outbox import Outbox
    from lambdas.domain.ports import AlertTopic, IncidentBus, Incidents


@dataclass(frozen=True, kw_only=True)
class Notifier:
    topic: AlertTopic
    bus: IncidentBus

    def tell(
        self, incident: Incident, *, events: tuple[Mapping[str, object], ...], alert: Alert | None
    ) -> tuple[Incident, list[Exception]]:
        """The incident with what went out counted and the rest in its outbox, and why that was refused."""
        failures: list[Exception] = []
        for event in events:
            incident = self._tell_machines(incident, event, failures)
        if alert:
            incident = self._tell_people(incident, alert, failures)
        return incident, failures

    def send_unsent(self, incident: Incident, incidents: Incidents) -> tuple[Incident, list[Exception]]:
        """Each message that goes out is recorded at once. One that its channel will never take is taken out,
        so that it does not hold back the others.
        """
        failures: list[Exception] = []
        incident = self._send_events(incident, incidents, failures)
        return self._send_alerts(incident, incidents, failures), failures

    def _tell_machines(
        self, incident: Incident, event: Mapping[str, object], failures: list[Exception]
    ) -> Incident:
        if incident.outbox.events or not _is_taken(lambda: self.bus.put(event), failures):
            return _keeping(incident, incident.outbox.with_event(event))
        return incident

    def _tell_people(self, incident: Incident, alert: Alert, failures: list[Exception]) -> Incident:
        if incident.outbox.alerts or not _is_taken(lambda: self.topic.publish(alert), failures):
            return _keeping(incident, incident.outbox.with_alert(alert))
        return _one_more_sent(incident)

    def _send_events(self, incident: Incident, incidents: Incidents, failures: list[Exception]) -> Incident:
        for event in incident.outbox.events:
            if not _is_done_with(lambda: self.bus.put(event), failures):  # noqa: B023 -- called at once
                break
            incident = _keeping(incident, incident.outbox.without_first_event())
            incidents.record_sent(incident)
        return incident

    def _send_alerts(self, incident: Incident, incidents: Incidents, failures: list[Exception]) -> Incident:
        for alert in incident.outbox.alerts:
            before = len(failures)
            if not _is_done_with(lambda: self.topic.publish(alert), failures):  # noqa: B023 -- called at once
                break
            sent = incident if len(failures) > before else _one_more_sent(incident)
            incident = _keeping(sent, incident.outbox.without_first_alert())
            incidents.record_sent(incident)
        return incident


def _is_taken(send: Callable[[], None], failures: list[Exception]) -> bool:
    try:
        send()
    except Exception as error:  # noqa: BLE001 -- reported in failures; the message is kept
        failures.append(error)
        return False
    return True


def _is_done_with(send: Callable[[], None], failures: list[Exception]) -> bool:
    return _is_taken(send, failures) or isinstance(failures[-1], PermanentError)


def _keeping(incident: Incident, outbox: Outbox) -> Incident:
    return replace(incident, outbox=outbox)


def _one_more_sent(incident: Incident) -> Incident:
    return replace(incident, alerts_sent=incident.alerts_sent + 1)
