"""Sends each notification about a managed secret once: as an alert, a chat message, and, where an incident of
the key is open, an event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from lambdas.alerting.delivery import Delivery
from lambdas.alerting.domain.alert import Alert
from lambdas.alerting.domain.notification_alert import compose_notification_alert
from lambdas.alerting.domain.rotation_event import rotation_event_detail
from lambdas.aws.domain.contact import accepted_contact
from lambdas.aws.domain.deployment import Deployment
from lambdas.errors import BusyError
from lambdas.incidents.domain.incident import Incident, RotationEnd
from lambdas.incidents.domain.outbox import Channel, Message
from lambdas.incidents.domain.rotation_outcome import rotation_end
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.ledger.key_origins import describe_origins
from lambdas.ledger.ports import Ledger
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.rotation.ports import ReadRotations


class KeyIncidents(Protocol):
    """The open incidents by key. Every method raises TransientError when they cannot be read or written."""

    def open_incident(self, access_key_id: str) -> Incident | None: ...

    def record_rotation(self, incident: Incident, end: RotationEnd) -> None: ...


@dataclass(kw_only=True, eq=False, repr=False)
class NotificationDispatcher:
    delivery: Delivery
    incidents: KeyIncidents
    ledger: Ledger
    rotations: ReadRotations
    deployment: Deployment
    region: str  # of the secrets
    clock: Callable[[], datetime]

    def send(self, notification: Notification) -> bool:
        """Returns whether it was sent now: False for a repeat, or if another notification replaces it.

        Raises BusyError before its time, while another worker sends it, or while earlier alerts of its
        incident wait to be sent. If a channel fails, raises its error after the other channels have received
        the notification; a retry sends it to that channel alone.
        """
        if self.delivery.was_sent(notification.delivery_id) or self._is_obsolete(notification):
            return False
        if notification.not_before and self.clock() < notification.not_before:
            raise BusyError("a more detailed notification may arrive before")
        incident = self._incident(notification)
        if incident and incident.outbox.of(Channel.ALERTS):
            raise BusyError("earlier alerts of its incident are sent first")
        self.delivery.send_once(
            notification.delivery_id,
            self._alert(notification),
            thread=incident.incident_id if incident else f"secret:{notification.secret_name}",
            event=lambda: self._record_rotation(notification, incident),
        )
        if also := notification.also_delivers:
            self.delivery.records.claim(also)
            self.delivery.records.mark_delivered(also, Channel.ALERTS)
        return True

    def _is_obsolete(self, notification: Notification) -> bool:
        """A success that was sent hides a failure only if the rotation's state, which no message changes,
        confirms it.
        """
        replaced_by, token = notification.replaced_by, notification.token
        if replaced_by and self.delivery.records.delivered(replaced_by):
            return not token or self._was_finished(notification)
        if notification.kind is NotificationKind.ROTATION_FAILED and self._is_repeated_refusal(notification):
            return True
        return notification.unless_finished and self._was_finished(notification)

    def _is_repeated_refusal(self, notification: Notification) -> bool:
        """Also of Secrets Manager's own record of it."""
        state = self.rotations.read(notification.secret_name)
        return state.is_repeated_refusal(notification.token)

    def _was_finished(self, notification: Notification) -> bool:
        return self.rotations.read(notification.secret_name).was_finished(notification.token)

    def _incident(self, notification: Notification) -> Incident | None:
        key = notification.access_key_id
        return self.incidents.open_incident(key) if key else None

    def _record_rotation(self, notification: Notification, incident: Incident | None) -> Message | None:
        """Returns its event, unless the incident itself has not been announced by an event."""
        end = rotation_end(notification)
        if end is None or incident is None:
            return None
        self.incidents.record_rotation(incident, end)
        if incident.latest is None:
            return None
        return rotation_event_detail(incident, incident.latest, self.deployment.account, end)

    def _origins(self, notification: Notification, user_name: str) -> list[str]:
        """Who created the keys that left no free slot."""
        if not notification.held_keys:
            return []
        state = self.rotations.read(notification.secret_name)
        origins = describe_origins(self.ledger, user_name, notification.held_keys, state.has_created)
        return [f"{clause}." for clause in origins]

    def _alert(self, notification: Notification) -> Alert:
        user_name = notification.user_name or self.rotations.read(notification.secret_name).user_name
        entry = self.ledger.user(user_name) if user_name else None
        tag = entry.current_tags.get(CONTACT_TAG, "") if entry else ""
        contact = accepted_contact(tag, self.deployment.contact_domains)
        origins = self._origins(notification, user_name)
        named = replace(notification, user_name=user_name, facts=(*notification.facts, *origins))
        return compose_notification_alert(
            named, deployment=self.deployment, region=self.region, contact=contact
        )
