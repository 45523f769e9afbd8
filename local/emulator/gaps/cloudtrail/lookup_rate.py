"""How often the event history may be read.

AWS documents two LookupEvents a second for each account and region, and ThrottlingException beyond that. The
emulator never throttles.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudtrail


def fill(per_second: int) -> None:
    """Without a rate (0) it is left as it is."""
    if not per_second:
        return
    answer = cloudtrail._DISPATCH["LookupEvents"]
    answered: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=per_second))

    def lookup_events(request: dict[str, Any]) -> Any:
        latest, now = answered[get_account_id(), get_region()], time.monotonic()
        if len(latest) == per_second and now - latest[0] < 1:
            return cloudtrail._err("ThrottlingException", "Rate exceeded")
        latest.append(now)
        return answer(request)

    cloudtrail._DISPATCH["LookupEvents"] = lookup_events
