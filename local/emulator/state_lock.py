"""Shows whether a server uses a state directory, by a lock that ends with the server's process."""

from __future__ import annotations

import fcntl
import time
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

RELEASE_SECONDS: Final = 10


def lock(state: Path) -> IO[bytes] | None:
    """None if another process holds the lock. A process id alone is not enough, as ids are reused."""
    held = (state / "server.lock").open("wb")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        return None
    return held


def await_release(state: Path) -> None:
    deadline = time.monotonic() + RELEASE_SECONDS
    while time.monotonic() < deadline:
        if (released := lock(state)) is not None:
            released.close()
            return
        time.sleep(0.05)
