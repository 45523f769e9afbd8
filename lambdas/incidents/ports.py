"""What the incidents need of the world: the table that stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.detection.domain.signal_group import SignalGroup
    from lambdas.incidents.domain.due_incident import DueIncident
    from lambdas.incidents.domain.incident import Incident, IncidentRef, RecordedSignals
    from lambdas.incidents.domain.settlement import IncidentUpdate
    from lambdas.ledger.domain.key_state_change import KeyStateChange


class Incidents(Protocol):
    def note(self, sightings: SignalGroup) -> RecordedSignals:
        """Counts the sightings on the key's open incident, or opens one, and claims it if it is to be
        judged. One write for an incident that has been told already.
        """
        ...

    def attend(self, change: KeyStateChange) -> Incident | None:
        """Claims the key's open incident of which people were told before this change; None where there is
        none. Remembers a reactivation with it.
        """
        ...

    def claim(self, ref: IncidentRef) -> Incident | None:
        """None when another worker is at it, or it is over."""
        ...

    def due(self) -> Iterator[DueIncident]:
        """The incidents whose time has come: first those with something unsent, then the others; of each
        kind what is due longest first.
        """
        ...

    def claim_due(self, ref: IncidentRef) -> Incident | None:
        """None when the incident is no longer due, or another worker is at it. It is due again later, unless
        it is settled.
        """
        ...

    def close(self, incident: Incident, *, mended: bool = False) -> bool:
        """Ends a claimed incident that is over, or whose failure is `mended`; False when a call has failed
        meanwhile.
        """
        ...

    def record_sent(self, incident: Incident) -> None:
        """Records how much of a claimed incident's outbox is sent, and keeps the claim."""
        ...

    def check(self, settlement: IncidentUpdate) -> None:
        """Raises what `settle` would raise before it writes, and writes nothing."""
        ...

    def settle(self, settlement: IncidentUpdate) -> None:
        """Records what was found and told, and gives up the claim; does nothing if another holds it."""
        ...
