"""The condition keys of PutEvents in identity policies.

AWS documents `events:source` and `events:detail-type` of the events that are put (EventBridge user guide,
Using IAM policy conditions). The emulator knows them in the policy of a bus alone. AWS authorizes each entry
by itself; here a request whose entries differ has neither key.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core import iam_actions

SERVICE: Final = "events"
KEYS: Final = {"events:source": "Source", "events:detail-type": "DetailType"}


def fill() -> None:
    of_request = iam_actions.request_tag_context

    def request_context(service: str, action: str, body: bytes, *request: Any) -> dict[str, Any]:
        found: dict[str, Any] = of_request(service, action, body, *request)
        return {**found, **(_of_entries(body) if (service, action) == (SERVICE, "events:PutEvents") else {})}

    iam_actions.request_tag_context = request_context


def _of_entries(body: bytes) -> dict[str, str]:
    entries = json.loads(body).get("Entries", [])
    values = {key: {entry.get(name, "") for entry in entries} for key, name in KEYS.items()}
    return {key: found.pop() for key, found in values.items() if len(found) == 1}
