"""Why EventBridge could not deliver, as a dead letter's attributes say it.

The codes are among those that AWS documents for dead-letter queues (`NO_PERMISSIONS`, `NO_RESOURCE`, ...).
"""

from __future__ import annotations

from typing import Final, NamedTuple

EVENTS: Final = "events.amazonaws.com"


class Refusal(NamedTuple):
    code: str
    message: str
