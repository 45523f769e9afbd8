"""The messages by which the tracker reports a changed key to `remediate`, shaped like EventBridge events."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.json_fields import mapping, text, utc_time
from lambdas.codec import to_plain
from lambdas.errors import PermanentError
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.text import printable

# Values of detail-type.
PREDICTED_OUTAGE = "Access Key Switched Off In Use"
LEAK = "Access Key Leaked"
OTHER_CHANGE = "Access Key Changed"


def change_body(detail_type: str, account: str, change: KeyStateChange) -> str:
    return json.dumps({"detail-type": detail_type, "account": account, "detail": to_plain(change)})


def parse_change(event: Mapping[str, object]) -> KeyStateChange:
    """Raises PermanentError if the event has no valid key id or time. Other fields may be missing."""
    detail = mapping(event.get("detail"))
    key_id, at = text(detail.get("accessKeyId")), utc_time(detail.get("at"))
    if not looks_like_an_id(key_id) or at is None:
        raise PermanentError("the event does not say which key was changed, or when")
    return KeyStateChange(
        access_key_id=key_id,
        event_name=printable(text(detail.get("eventName"))),
        at=at,
        by=printable(text(detail.get("by"))),
        user_name=text(detail.get("userName")),
    )
