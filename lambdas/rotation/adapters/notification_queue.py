"""NotificationQueue on their way to `remediate`, through the signal queue.

A message's body is JSON shaped like an EventBridge event, `detail-type` DETAIL_TYPE; its `detail` has
`noticeId`, `kind`, `at` (ISO, UTC), `secretName`, `userName`, `accessKeyId`, `newKeyId`, `step`, `reason`,
`facts` (a list of lines), `token`, `refused`, `heldKeys`, `unlessTold`, `unlessFinished`,
`countsAs` and `notBefore` (ISO, UTC, or null).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.rotation.notification_messages import notification_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient

    from lambdas.rotation.domain.notification import Notification

_LONGEST_DELAY = 900  # SQS API reference, SendMessage, DelaySeconds


class SqsNotificationQueue:
    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, notification: Notification) -> None:
        with aws_errors("sqs:SendMessage"):
            self._client().send_message(
                QueueUrl=self._queue_url,
                MessageBody=notification_body(notification),
                DelaySeconds=_delay(notification),
            )


def _delay(notification: Notification) -> int:
    """In the queue it waits at no cost; what is left of it then is waited for by whoever tells it."""
    wait = notification.not_before - notification.at if notification.not_before else timedelta()
    return max(0, min(int(wait.total_seconds()), _LONGEST_DELAY))
