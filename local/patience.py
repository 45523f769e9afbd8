"""How long the demo and the end-to-end tests wait for something to happen."""

from __future__ import annotations

from typing import Final

# Long, because a busy machine is slow and a wait that succeeds costs nothing. A message for which a function
# had no time left returns to its queue after six times the function's timeout, which is three minutes.
TIMEOUT_SECONDS: Final = 240
