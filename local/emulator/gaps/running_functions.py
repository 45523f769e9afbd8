"""A function that runs while its configuration changes, and what it writes last.

AWS documents ("Lambda function states") that invocations go on with the previous configuration during an
update. The emulator kills them. And it takes what a function wrote for complete after 5 ms of silence: on a
busy machine the last lines, which metrics are in, are lost.
"""

from __future__ import annotations

import threading
import time
from functools import partialmethod
from typing import TYPE_CHECKING, Any, Final

from ministack.core import lambda_runtime

if TYPE_CHECKING:
    from collections.abc import Iterable

LOOK_EVERY_SECONDS: Final = 0.02
SILENCE_SECONDS: Final = 0.05
LONGEST_SILENCE_SECONDS: Final = 1.0


def fill() -> None:
    kill = lambda_runtime.kill_workers

    def kill_once_idle(workers: Iterable[Any]) -> None:
        doomed = [worker for worker in workers if worker is not None]
        kill([worker for worker in doomed if not worker.in_use])
        for worker in doomed:
            if worker.in_use:
                threading.Thread(target=_kill_later, args=(kill, worker), daemon=True).start()

    lambda_runtime.kill_workers = kill_once_idle
    lambda_runtime.Worker._drain_stderr_bounded = partialmethod(
        lambda_runtime.Worker._drain_stderr_bounded,
        idle_confirm=SILENCE_SECONDS,
        hard_cap=LONGEST_SILENCE_SECONDS,
    )


def _kill_later(kill: Any, worker: Any) -> None:
    """It is out of the pool, so that it gets no other invocation."""
    while worker.in_use:
        time.sleep(LOOK_EVERY_SECONDS)
    kill([worker])
