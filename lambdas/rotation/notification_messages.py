"""Notifications about rotations as messages of the signal queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.aws.json_fields import mapping, text, texts, utc_time
from lambdas.errors import PermanentError
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping


DETAIL_TYPE = "Managed Secret Notification"

_LONGEST_ID = 1000  # a secret's name may have 512 characters

_LONGEST_LINE = 600


def notification_body(notification: Notification) -> str:
    detail = {
        "noticeId": notification.notification_id,
        "kind": notification.kind.value,
        "at": notification.at.isoformat(),
        "secretName": notification.secret_name,
        "userName": notification.user_name,
        "accessKeyId": notification.access_key_id,
        "newKeyId": notification.new_key_id,
        "step": notification.step,
        "reason": notification.reason,
        "facts": list(notification.facts),
        "token": notification.token,
        "refused": notification.refused,
        "heldKeys": list(notification.held_keys),
        "unlessTold": notification.unless_told,
        "unlessFinished": notification.unless_finished,
        "countsAs": notification.counts_as,
        "notBefore": notification.not_before.isoformat() if notification.not_before else None,
    }
    return json.dumps({"detail-type": DETAIL_TYPE, "detail": detail})


def parse_notification(event: Mapping[str, object]) -> Notification:
    """`event` is a message's body. Raises PermanentError when it does not say what about, or when."""
    detail = mapping(event.get("detail"))
    kind, at = text(detail.get("kind")), utc_time(detail.get("at"))
    if kind not in set(NotificationKind) or at is None or not detail.get("noticeId"):
        raise PermanentError("the event is no notification")
    return Notification(
        notification_id=printable(text(detail.get("noticeId")), _LONGEST_ID),
        kind=NotificationKind(kind),
        at=at,
        secret_name=printable(text(detail.get("secretName")), _LONGEST_ID),
        user_name=text(detail.get("userName")),
        access_key_id=printable(text(detail.get("accessKeyId"))),
        new_key_id=printable(text(detail.get("newKeyId"))),
        step=printable(text(detail.get("step"))),
        reason=printable(text(detail.get("reason")), _LONGEST_LINE),
        facts=tuple(printable(fact, _LONGEST_LINE) for fact in texts(detail.get("facts"))),
        token=printable(text(detail.get("token"))),
        refused=detail.get("refused") is True,
        held_keys=tuple(printable(key) for key in texts(detail.get("heldKeys"))),
        unless_told=printable(text(detail.get("unlessTold")), _LONGEST_ID),
        unless_finished=detail.get("unlessFinished") is True,
        counts_as=printable(text(detail.get("countsAs")), _LONGEST_ID),
        not_before=utc_time(detail.get("notBefore")),
    )
