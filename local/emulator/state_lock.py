"""Says whether a server runs on a state directory, by a lock that ends with the server itself."""

from __future__ import annotations

import fcntl
import time
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

RELEASE_SECONDS: Final = 10


def lock(state: Path) -> IO[bytes] | None:
    """None if another holds it: a process id alone could be somebody else's by now."""
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
