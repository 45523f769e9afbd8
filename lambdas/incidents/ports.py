"""What the incidents need of the world: the table that stores them, and the counts of alerts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

from lambdas.detection.domain.signal_group import SignalGroup
from lambdas.incidents.domain.finding import IncidentUpdate
from lambdas.incidents.domain.incident import DueIncident, Incident, IncidentRef, RecordedSignals
from lambdas.incidents.domain.owner_alerts import HeldKeys, Place
from lambdas.incidents.domain.unknown_ids import NewId
from lambdas.ledger.domain.key_state_change import KeyStateChange


class Incidents(Protocol):
    """Every method raises TransientError when the incidents cannot be read or written."""

    def record(self, group: SignalGroup) -> RecordedSignals:
        """Counts the signals on the key's open incident, or opens one, and claims it if it is to be
        evaluated. A repeat on an incident that was reported is one write. Raises BusyError while another
        worker evaluates the incident by less specific signals.
        """
        ...

    def remembers(self, key: str) -> bool:
        """Whether this worker knows without a read that the key has an open incident."""
        ...

    def open_keys(self, keys: Collection[str]) -> frozenset[str]:
        """Those that have an open incident."""
        ...

    def claim_for_key_change(self, change: KeyStateChange) -> Incident | None:
        """Claims the key's open incident if its alert is older than this change of the key, and records a
        reactivation. Raises BusyError while another worker holds the claim.
        """
        ...

    def claim(self, ref: IncidentRef) -> Incident | None:
        """None if another worker holds the claim, or the incident is closed."""
        ...

    def due(self) -> Iterator[DueIncident]:
        """The due incidents: those with a pending message first, then the others, the longest due first."""
        ...

    def claim_due(self, ref: IncidentRef) -> Incident | None:
        """None if the incident is no longer due, or another worker holds the claim. The incident becomes due
        again some minutes later, unless it is saved.
        """
        ...

    def close(self, incident: Incident, *, resolved: bool = False) -> bool:
        """Closes a claimed incident whose time is over, or which was resolved. False if a call has failed
        since it was read.
        """
        ...

    def record_sent(self, incident: Incident) -> None:
        """Saves the outbox of a claimed incident, and keeps the claim."""
        ...

    def check(self, update: IncidentUpdate) -> None:
        """Raises what `save_and_release` would raise before it writes."""
        ...

    def save_and_release(self, update: IncidentUpdate) -> None:
        """Saves a claimed incident and releases the claim. Does nothing if another worker holds it."""
        ...


class UnknownIdCounts(Protocol):
    """What ids that the ledger does not know have caused in the last hour. Every method raises TransientError
    when the counts cannot be read or written.
    """

    def may_be_open(self, incident_keys: Collection[str]) -> frozenset[str]:
        """Without those that surely have no open incident. Must precede `assign`."""
        ...

    def assign(self, new: NewId) -> str:
        """Counts the id, and returns the key of the incident in which its calls are counted: its own, or that
        of a shared one.
        """
        ...

    def release(self, incident_key: str) -> None:
        """Counts the id no more: it turned out to be the id of a known key."""
        ...

    def count_update(self, incident_key: str) -> bool:
        """Whether an update of the incident may be sent now; then it is counted."""
        ...


class OwnerAlertCounts(Protocol):
    """Which keys of a user had alerts in the last hour. `group` is of domain/owner_alerts.py. Every method
    raises TransientError when the counts cannot be read or written.
    """

    def place(self, group: str, incident: Incident) -> Place:
        """Counts the key of the incident."""
        ...

    def held(self, group: str) -> HeldKeys:
        """The keys without an alert of their own that were not reported yet."""
        ...

    def mark_reported(self, group: str, held: HeldKeys) -> None: ...
