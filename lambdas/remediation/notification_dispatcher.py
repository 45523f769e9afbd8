"""Tell a notice once: to people and chat as an alert, to machines where an incident of the key is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from lambdas.alerting.delivery import may_be_mended_first, tell_each_once
from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.alerting.domain.notification_alert import compose_notice_alert
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
    from lambdas.aws.domain.deployment import Home
    from lambdas.incidents.domain.incident import Incident, RotationEnd
    from lambdas.ledger.ports import Ledger
    from lambdas.rotation.domain.notification import Notice
    from lambdas.rotation.ports import ReadRotations


class Told(Protocol):
    """Every method raises TransientError when what was told cannot be read or written."""

    def told(self, notice_id: str) -> frozenset[Channel]:
        """The channels that were told of it."""
        ...

    def take(self, notice_id: str) -> frozenset[Channel]:
        """As `told`. Raises BusyError where another worker has taken it."""
        ...

    def note_told(self, notice_id: str, channel: Channel) -> None:
        """Of one that was taken."""
        ...


class RotatedIncidents(Protocol):
    """As Told."""

    def open_incident(self, access_key_id: str) -> Incident | None: ...

    def note(self, incident: Incident, end: RotationEnd) -> None: ...


@dataclass(frozen=True, kw_only=True)
class NoticeTeller:
    """`region` is where the secrets are."""

    told: Told
    incidents: RotatedIncidents
    bus: IncidentBus
    chat: ChatTopic
    alerts: AlertTopic
    ledger: Ledger
    rotations: ReadRotations
    home: Home
    region: str
    clock: Callable[[], datetime]

    def tell(self, notice: Notice) -> bool:
        """Whether it was told now; False for a repeat. Raises BusyError where it is not time for it yet, or
        another worker is at it. What one channel refuses is told to the others, and to that one when the
        notice comes again.
        """
        if self.told.told(notice.notice_id) == set(Channel):
            return False
        if notice.unless_told and self.told.told(notice.unless_told):
            return False
        if notice.unless_finished and self.rotations.read(notice.secret_name).was_finished(notice.token):
            return False
        if notice.not_before and self.clock() < notice.not_before:
            raise BusyError("somebody may tell more of it by then")
        told = self.told.take(notice.notice_id)
        failures = tell_each_once(
            self._ways(notice), told, lambda channel: self.told.note_told(notice.notice_id, channel)
        )
        if failures:
            raise may_be_mended_first(failures)
        if notice.counts_as:
            self.told.take(notice.counts_as)
            self.told.note_told(notice.counts_as, Channel.PEOPLE)
        return True

    def _ways(self, notice: Notice) -> dict[Channel, Callable[[], None]]:
        incident = self.incidents.open_incident(notice.access_key_id) if notice.access_key_id else None
        thread = incident.incident_id if incident else f"secret:{notice.secret_name}"
        alert = self._alert(notice)
        return {
            Channel.MACHINES: lambda: self._tell_machines(notice, incident),
            Channel.CHAT: lambda: self.chat.publish(compose_chat_message(alert, thread=thread)),
            Channel.PEOPLE: lambda: self.alerts.publish(alert),
        }

    def _tell_machines(self, notice: Notice, incident: Incident | None) -> None:
        """Noted after it: whoever dies in between tells it again, under the same incident and transition."""
        end = rotation_end(notice)
        if end is None or incident is None or incident.rotation == end:
            return
        if incident.standing:  # else machines have not heard of the incident yet
            self.bus.put(rotation_event_detail(incident, incident.standing, self.home.account, end))
        self.incidents.note(incident, end)

    def _alert(self, notice: Notice) -> Alert:
        user_name = notice.user_name or self.rotations.read(notice.secret_name).user_name
        entry = self.ledger.user(user_name) if user_name else None
        tag = entry.present_tags.get(CONTACT_TAG, "") if entry else ""
        contact = accepted_contact(tag, self.home.contact_domains)
        named = replace(notice, user_name=user_name)
        return compose_notice_alert(named, home=self.home, region=self.region, contact=contact)
