"""Notifications as messages of the signal queue: JSON in the shape of an EventBridge event."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from lambdas.aws.json_fields import mapping
from lambdas.codec import from_plain, to_plain
from lambdas.errors import PermanentError
from lambdas.rotation.domain.notification import Notification
from lambdas.text import printable

DETAIL_TYPE = "Managed Secret Notification"

_MAX_ID_LENGTH = 1000  # a secret's name may have 512 characters
_MAX_LINE_LENGTH = 600


def notification_body(notification: Notification) -> str:
    return json.dumps({"detail-type": DETAIL_TYPE, "detail": to_plain(notification)})


def parse_notification(event: Mapping[str, object]) -> Notification:
    """`event` is a message's body. Raises PermanentError if a field is missing or malformed.

    Texts are cut to the lengths that alerts can show. The user's name is checked where it is shown.
    """
    parsed = from_plain(Notification, mapping(event.get("detail")))
    if not parsed.notification_id:
        raise PermanentError("the notification has no id")
    return replace(
        parsed,
        notification_id=printable(parsed.notification_id, _MAX_ID_LENGTH),
        secret_name=printable(parsed.secret_name, _MAX_ID_LENGTH),
        access_key_id=printable(parsed.access_key_id),
        new_key_id=printable(parsed.new_key_id),
        mode=printable(parsed.mode),
        step=printable(parsed.step),
        reason=printable(parsed.reason, _MAX_LINE_LENGTH),
        facts=tuple(printable(fact, _MAX_LINE_LENGTH) for fact in parsed.facts),
        token=printable(parsed.token),
        held_keys=tuple(printable(key) for key in parsed.held_keys),
        inactive_key=printable(parsed.inactive_key),
        unless_sent=printable(parsed.unless_sent, _MAX_ID_LENGTH),
        counts_as=printable(parsed.counts_as, _MAX_ID_LENGTH),
    )
