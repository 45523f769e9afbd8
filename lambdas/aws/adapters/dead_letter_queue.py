"""Moves messages that no retry can help to the dead-letter queue, with the reason as an attribute."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SQS counts attributes as part of a message's size, so a body of the maximum size would not fit.
_MAX_BODY_BYTES = 250_000
_MAX_REASON = 500


class SqsDeadLetterQueue:
    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def reject(self, body: str, reason: str) -> None:
        """Truncates a body that is too long."""
        kept = body.encode()[:_MAX_BODY_BYTES].decode(errors="ignore")
        with aws_errors("sqs:SendMessage"):
            self._client().send_message(
                QueueUrl=self._queue_url,
                MessageBody=kept or "-",
                MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:_MAX_REASON]}},
            )
