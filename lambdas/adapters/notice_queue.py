"""Notices on their way to `remediate`, through the signal queue.

A message's body is JSON shaped like an EventBridge event, `detail-type` DETAIL_TYPE; its `detail` has
`noticeId`, `kind`, `at` (ISO, UTC), `secretName`, `userName`, `accessKeyId`, `newKeyId`, `step`, `reason` and
`facts` (a list of lines).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.adapters.client_errors import translated_errors
from lambdas.adapters.json_fields import mapping, text, texts, utc_time
from lambdas.domain.errors import PermanentError
from lambdas.domain.inert_text import printable
from lambdas.domain.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_sqs import SQSClient

DETAIL_TYPE = "Managed Secret Notice"


class BotoNotices:
    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, notice: Notice) -> None:
        with translated_errors("sqs:SendMessage"):
            self._client().send_message(QueueUrl=self._queue_url, MessageBody=notice_body(notice))


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
    }
    return json.dumps({"detail-type": DETAIL_TYPE, "detail": detail})


def notice_of(event: Mapping[str, object]) -> Notice:
    """`event` is a message's body. Raises PermanentError when it does not say what about, or when."""
    detail = mapping(event.get("detail"))
    kind, at = text(detail.get("kind")), utc_time(detail.get("at"))
    if kind not in set(NoticeKind) or at is None or not detail.get("noticeId"):
        raise PermanentError("the event is no notice")
    return Notice(
        notice_id=printable(text(detail.get("noticeId"))),
        kind=NoticeKind(kind),
        at=at,
        secret_name=printable(text(detail.get("secretName"))),
        user_name=text(detail.get("userName")),
        access_key_id=printable(text(detail.get("accessKeyId"))),
        new_key_id=printable(text(detail.get("newKeyId"))),
        step=printable(text(detail.get("step"))),
        reason=printable(text(detail.get("reason"))),
        facts=tuple(map(printable, texts(detail.get("facts")))),
    )
