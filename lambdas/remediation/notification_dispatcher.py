"""Tell a notification once: to people and chat as an alert, to machines where an incident of the key is
open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from lambdas.alerting.delivery import may_be_mended_first, tell_each_once
from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.alerting.domain.notification_alert import compose_notification_alert
from lambdas.alerting.domain.rotation_event import rotation_event_detail
from lambdas.aws.domain.contact import accepted_contact
from lambdas.errors import BusyError
from lambdas.incidents.domain.outbox import Channel
from lambdas.incidents.domain.rotation_outcome import rotation_end
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.alerting.domain.alert import Alert
    from lambdas.alerting.ports import AlertTopic, ChatTopic, IncidentBus
    from lambdas.aws.domain.deployment import Deployment
    from lambdas.incidents.domain.incident import Incident, RotationEnd
    from lambdas.ledger.ports import Ledger
    from lambdas.rotation.domain.notification import Notification
    from lambdas.rotation.ports import ReadRotations


class DeliveryRecords(Protocol):
    """Every method raises TransientError when what was told cannot be read or written."""

    def told(self, notification_id: str) -> frozenset[Channel]:
        """The channels that were told of it."""
        ...

    def take(self, notification_id: str) -> frozenset[Channel]:
        """As `told`. Raises BusyError where another worker has taken it."""
        ...

    def mark_delivered(self, notification_id: str, channel: Channel) -> None:
        """Of one that was taken."""
        ...


class KeyIncidents(Protocol):
    """As DeliveryRecords."""

    def open_incident(self, access_key_id: str) -> Incident | None: ...

    def note(self, incident: Incident, end: RotationEnd) -> None: ...


@dataclass(frozen=True, kw_only=True)
class NotificationDispatcher:
    """`region` is where the secrets are."""

    told: DeliveryRecords
    incidents: KeyIncidents
    bus: IncidentBus
    chat: ChatTopic
    alerts: AlertTopic
    ledger: Ledger
    rotations: ReadRotations
    home: Deployment
    region: str
    clock: Callable[[], datetime]

    def tell(self, notification: Notification) -> bool:
        """Whether it was told now; False for a repeat. Raises BusyError where it is not time for it yet, or
        another worker is at it. What one channel refuses is told to the others, and to that one when the
        notification comes again.
        """
        if self.told.told(notification.notification_id) == set(Channel):
            return False
        if notification.unless_told and self.told.told(notification.unless_told):
            return False
        if notification.unless_finished and self.rotations.read(notification.secret_name).was_finished(
            notification.token
        ):
            return False
        if notification.not_before and self.clock() < notification.not_before:
            raise BusyError("somebody may tell more of it by then")
        told = self.told.take(notification.notification_id)
        failures = tell_each_once(
            self._ways(notification),
            told,
            lambda channel: self.told.mark_delivered(notification.notification_id, channel),
        )
        if failures:
            raise may_be_mended_first(failures)
        if notification.counts_as:
            self.told.take(notification.counts_as)
            self.told.mark_delivered(notification.counts_as, Channel.PEOPLE)
        return True

    def _ways(self, notification: Notification) -> dict[Channel, Callable[[], None]]:
        incident = (
            self.incidents.open_incident(notification.access_key_id) if notification.access_key_id else None
        )
        thread = incident.incident_id if incident else f"secret:{notification.secret_name}"
        alert = self._alert(notification)
        return {
            Channel.MACHINES: lambda: self._tell_machines(notification, incident),
            Channel.CHAT: lambda: self.chat.publish(compose_chat_message(alert, thread=thread)),
            Channel.PEOPLE: lambda: self.alerts.publish(alert),
        }

    def _tell_machines(self, notification: Notification, incident: Incident | None) -> None:
        """Noted after it: whoever dies in between tells it again, under the same incident and transition."""
        end = rotation_end(notification)
        if end is None or incident is None or incident.rotation == end:
            return
        if incident.standing:  # else machines have not heard of the incident yet
            self.bus.put(rotation_event_detail(incident, incident.standing, self.home.account, end))
        self.incidents.note(incident, end)

    def _alert(self, notification: Notification) -> Alert:
        user_name = notification.user_name or self.rotations.read(notification.secret_name).user_name
        entry = self.ledger.user(user_name) if user_name else None
        tag = entry.present_tags.get(CONTACT_TAG, "") if entry else ""
        contact = accepted_contact(tag, self.home.contact_domains)
        named = replace(notification, user_name=user_name)
        return compose_notification_alert(named, home=self.home, region=self.region, contact=contact)
