"""What decisions need of the world: the exemptions."""

from __future__ import annotations

from typing import Protocol

from lambdas.decisions.domain.exemption import Exemption


class Exemptions(Protocol):
    """Every method raises TransientError when the exemptions cannot be read or written."""

    def every(self) -> tuple[Exemption, ...]:
        """All exemptions; changes of the last half minute may be missing."""
        ...

    def unreported(self) -> tuple[Exemption, ...]:
        """The exemptions that were not marked as reported; no change is missing."""
        ...

    def mark_reported(self, exemption: Exemption) -> None:
        """Records that the end of an exemption was reported, and removes it 30 days later. Does nothing if it
        was replaced or deleted since `unreported` returned it.
        """
        ...
