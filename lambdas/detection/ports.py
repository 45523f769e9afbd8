"""What the detection of refused calls in logs needs of AWS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class RefusalQueue(Protocol):
    def send(self, bodies: Sequence[str]) -> None: ...


class LogSubscriptions(Protocol):
    def put(self, log_group: str) -> None: ...

    def remove(self, log_group: str) -> None: ...
