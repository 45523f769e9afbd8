"""What the decisions need of the world: the exemptions that operators wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lambdas.decisions.domain.exemption import Exemption
    from lambdas.incidents.domain.outbox import Channel


class Exemptions(Protocol):
    """Every method raises TransientError when the exemptions cannot be read or written."""

    def every(self) -> tuple[Exemption, ...]:
        """Those that were written half a minute ago, later ones perhaps too."""
        ...

    def every_now(self) -> tuple[Exemption, ...]: ...

    def claim_report(self, name: str) -> Exemption | None:
        """As it stands now; None when its end was reported, another worker is at it, or it is gone."""
        ...

    def mark_delivered(self, name: str, channel: Channel) -> None:
        """As mark_reported, of one channel."""
        ...

    def mark_reported(self, name: str) -> None:
        """Of one that was claimed; does nothing if it was renewed since."""
        ...
