"""Notifications about rotations as messages of the signal queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.aws.json_fields import mapping, text, texts, utc_time
from lambdas.errors import PermanentError
from lambdas.rotation.domain.notification import Notice, NoticeKind
from lambdas.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping


DETAIL_TYPE = "Managed Secret Notice"

_LONGEST_ID = 1000  # a secret's name may have 512 characters

_LONGEST_LINE = 600


def notice_body(notice: Notice) -> str:
    detail = {
        "noticeId": notice.notice_id,
        "kind": notice.kind.value,
        "at": notice.at.isoformat(),
        "secretName": notice.secret_name,
        "userName": notice.user_name,
        "accessKeyId": notice.access_key_id,
        "newKeyId": notice.new_key_id,
        "step": notice.step,
        "reason": notice.reason,
        "facts": list(notice.facts),
        "token": notice.token,
        "refused": notice.refused,
        "heldKeys": list(notice.held_keys),
        "unlessTold": notice.unless_told,
        "unlessFinished": notice.unless_finished,
        "countsAs": notice.counts_as,
        "notBefore": notice.not_before.isoformat() if notice.not_before else None,
    }
    return json.dumps({"detail-type": DETAIL_TYPE, "detail": detail})


def notice_of(event: Mapping[str, object]) -> Notice:
    """`event` is a message's body. Raises PermanentError when it does not say what about, or when."""
    detail = mapping(event.get("detail"))
    kind, at = text(detail.get("kind")), utc_time(detail.get("at"))
    if kind not in set(NoticeKind) or at is None or not detail.get("noticeId"):
        raise PermanentError("the event is no notice")
    return Notice(
        notice_id=printable(text(detail.get("noticeId")), _LONGEST_ID),
        kind=NoticeKind(kind),
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
