"""Turns observed calls into records, in a separate thread, so that no response waits for a rule's targets."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING, Final, TypeAlias

from local.emulator.trail.delivery import deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from local.emulator.calls import Answer, Call
    from local.emulator.trail.record import Record

    Describe: TypeAlias = Callable[[Call, Answer], Record | None]

BACKLOG: Final = 10_000

logger = logging.getLogger("trail")


class Recorder:
    def __init__(self, describers: Sequence[Describe]) -> None:
        self._describers = describers
        self._pending: queue.Queue[tuple[Call, Answer]] = queue.Queue(BACKLOG)
        threading.Thread(target=self._run, daemon=True, name="trail").start()

    def observe(self, call: Call, answer: Answer) -> None:
        self._pending.put_nowait((call, answer))

    def _run(self) -> None:
        while True:
            call, answer = self._pending.get()
            try:
                self._record(call, answer)
            except Exception:
                logger.exception("%s %s was not recorded", call.method, call.path)

    def _record(self, call: Call, answer: Answer) -> None:
        for describe in self._describers:
            if record := describe(call, answer):
                deliver(record)
                return
