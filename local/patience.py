"""How long the demo and the end-to-end tests wait for something to happen."""

from __future__ import annotations

from typing import Final

# Long, because a busy machine is slow and a wait that succeeds costs nothing.
TIMEOUT_SECONDS: Final = 120
