"""What retirement needs of the world, besides the ports of rotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class RetirementCursor(Protocol):
    """The last managed secret that an hourly run started. Both methods raise TransientError."""

    def resume_order(self, names: Sequence[str]) -> list[str]:
        """All names, starting after the last one that was started."""
        ...

    def start(self, name: str) -> None: ...
