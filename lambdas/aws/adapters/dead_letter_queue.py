"""Messages that no retry can help go to the dead-letter queue at once, with the reason beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient

# SQS counts attributes into a message's size, so a body of the greatest size would not fit with one.
_LONGEST_BODY = 250_000
_LONGEST_REASON = 500


class SqsDeadLetterQueue:
    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def reject(self, body: str, reason: str) -> None:
        """A body that does not fit, in bytes of UTF-8, is cut."""
        kept = body.encode()[:_LONGEST_BODY].decode(errors="ignore")
        with aws_errors("sqs:SendMessage"):
            self._client().send_message(
                QueueUrl=self._queue_url,
                MessageBody=kept or "-",
                MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:_LONGEST_REASON]}},
            )
