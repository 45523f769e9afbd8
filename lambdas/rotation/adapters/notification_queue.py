"""Sends notifications to `remediate`, through the signal queue. See `rotation/notification_messages.py`."""

from __future__ import annotations

from datetime import timedelta

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.rotation.domain.notification import Notification
from lambdas.rotation.notification_messages import notification_body

_MAX_DELAY_SECONDS = 900  # SQS API reference, SendMessage, DelaySeconds


class SqsNotificationQueue:
    def __init__(self, clients: Clients, queue_url: str) -> None:
        self._clients = clients
        self._queue_url = queue_url

    def send(self, notification: Notification) -> None:
        with aws_errors("sqs:SendMessage"):
            self._clients.sqs.send_message(
                QueueUrl=self._queue_url,
                MessageBody=notification_body(notification),
                DelaySeconds=_delay_seconds(notification),
            )


def _delay_seconds(notification: Notification) -> int:
    """As long as the queue can hold the message; the receiver returns it for the rest of the time."""
    wait = notification.not_before - notification.at if notification.not_before else timedelta()
    return max(0, min(int(wait.total_seconds()), _MAX_DELAY_SECONDS))
