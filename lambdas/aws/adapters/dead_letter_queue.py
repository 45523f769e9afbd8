"""Moves messages that no retry can help to the dead-letter queue, with the reason as an attribute."""

from __future__ import annotations

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients

# SQS counts attributes as part of a message's size, so a body of the maximum size would not fit.
_MAX_BODY_BYTES = 250_000
_MAX_REASON = 500


class SqsDeadLetterQueue:
    def __init__(self, clients: Clients, queue_url: str) -> None:
        self._clients = clients
        self._queue_url = queue_url

    def reject(self, body: str, reason: str) -> None:
        """Truncates a body that is too long."""
        kept = body.encode()[:_MAX_BODY_BYTES].decode(errors="ignore")
        with aws_errors("sqs:SendMessage"):
            self._clients.sqs.send_message(
                QueueUrl=self._queue_url,
                MessageBody=kept or "-",
                MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:_MAX_REASON]}},
            )
