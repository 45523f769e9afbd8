"""A topic's subscriber: an SQS queue whose messages are read as a recipient reads alerts."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import boto3


@dataclass(frozen=True)
class Received:
    """`at` is the time of arrival by the monotonic clock."""

    subject: str
    body: str
    attributes: Mapping[str, str]
    at: float

    def is_of_incident(self, access_key_id: str) -> bool:
        """False for a rotation's notification, which names keys too but has no cause."""
        return access_key_id in self.body and self.attributes["cause"] != "-"

    def is_alarm_on(self, metric: str) -> bool:
        """False for the message that the alarm is over."""
        return metric in self.body and json.loads(self.body)["NewStateValue"] == "ALARM"


@dataclass
class Inbox:
    queue_url: str
    arn: str
    client: Any
    received: list[Received] = field(default_factory=list)

    @classmethod
    def open(cls, session: boto3.Session, name: str) -> Inbox:
        """Creates the queue and allows SNS to send to it; the stack has the subscription."""
        client = session.client("sqs")
        url = client.create_queue(QueueName=f"inbox-{name}")["QueueUrl"]
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(attributes["QueueArn"])})
        return cls(queue_url=url, arn=attributes["QueueArn"], client=client)

    def wait_for(self, matches: Callable[[Received], bool], seconds: float) -> Received | None:
        """The first message, old or new, for which `matches` is true; None after the timeout."""
        deadline = time.monotonic() + seconds
        while True:
            found = next(filter(matches, self.received), None)
            left = deadline - time.monotonic()
            if found or left <= 0:
                return found
            self._receive(min(1, left))

    def receive_waiting(self) -> None:
        """Receives the waiting messages, so that their times of arrival are accurate."""
        self._receive(0)

    def _receive(self, seconds: float) -> None:
        answer = self.client.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=round(seconds)
        )
        for message in answer.get("Messages", ()):
            self.received.append(_read(json.loads(message["Body"])))
            self.client.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])


def _read(notification: Mapping[str, Any]) -> Received:
    attributes = notification.get("MessageAttributes", {})
    return Received(
        subject=notification.get("Subject", ""),
        body=notification["Message"],
        attributes={name: value["Value"] for name, value in attributes.items()},
        at=time.monotonic(),
    )


def _policy(arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
