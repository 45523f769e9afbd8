"""AWS Health's events about exposed keys of the account of the tests, at noon."""

from __future__ import annotations

from typing import Any

from local.demo import health_events
from tests.support.builders import ACCOUNT

EXPOSED = health_events.EXPOSED


def a_health_event(*entities: str, **detail: Any) -> dict[str, Any]:
    return health_events.a_health_event(*entities, account=ACCOUNT, time="2026-03-14T12:00:00Z", **detail)
