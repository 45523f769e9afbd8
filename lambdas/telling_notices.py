"""Tell a notice: once, to people as an alert, and to machines where an incident of the key is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from lambdas.domain.contact import accepted_contact
from lambdas.domain.errors import BusyError
from lambdas.domain.ledger.user_entry import CONTACT_TAG
from lambdas.domain.notice_alert import compose_notice_alert
from lambdas.domain.rotation_event import rotation_end, rotation_event_detail

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.domain.home import Home
    from lambdas.domain.incident import Incident, RotationEnd
    from lambdas.domain.notice import Notice
    from lambdas.domain.ports import AlertTopic, IncidentBus, Ledger
    from lambdas.domain.rotation.ports import ReadRotations


class Told(Protocol):
    """Every method raises TransientError when what was told cannot be read or written."""

    def was_told(self, notice_id: str) -> bool: ...

    def take(self, notice_id: str) -> None:
        """Raises BusyError where another worker has taken it."""
        ...

    def note_told(self, notice_id: str) -> None: ...


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
    alerts: AlertTopic
    ledger: Ledger
    rotations: ReadRotations
    home: Home
    region: str
    clock: Callable[[], datetime]

    def tell(self, notice: Notice) -> bool:
        """Whether it was told now; False for a repeat. Raises BusyError where it is not time for it yet, or
        another worker is at it.
        """
        if self.told.was_told(notice.notice_id):
            return False
        if notice.unless_told and self.told.was_told(notice.unless_told):
            return False
        if notice.not_before and self.clock() < notice.not_before:
            raise BusyError("somebody may tell more of it by then")
        self.told.take(notice.notice_id)
        self._tell_machines(notice)
        self._tell_people(notice)
        self.told.note_told(notice.notice_id)
        return True

    def _tell_machines(self, notice: Notice) -> None:
        """Noted after it: whoever dies in between tells it again, under the same incident and transition."""
        end = rotation_end(notice)
        incident = self.incidents.open_incident(notice.access_key_id) if notice.access_key_id else None
        if end is None or incident is None or incident.rotation == end:
            return
        if incident.standing:  # else machines have not heard of the incident yet
            self.bus.put(rotation_event_detail(incident, incident.standing, self.home.account, end))
        self.incidents.note(incident, end)

    def _tell_people(self, notice: Notice) -> None:
        user_name = notice.user_name or self.rotations.read(notice.secret_name).user_name
        entry = self.ledger.user(user_name) if user_name else None
        tag = entry.present_tags.get(CONTACT_TAG, "") if entry else ""
        contact = accepted_contact(tag, self.home.contact_domains)
        named = replace(notice, user_name=user_name)
        self.alerts.publish(compose_notice_alert(named, home=self.home, region=self.region, contact=contact))
