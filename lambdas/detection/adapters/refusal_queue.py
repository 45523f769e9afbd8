"""Sends the refused calls found in logs to the signal queue, for `remediate`."""

from __future__ import annotations

from collections.abc import Sequence

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.errors import TransientError

_BATCH = 10  # SQS API reference, SendMessageBatch; a message has a few hundred bytes of the 1 MiB


class SqsRefusalQueue:
    def __init__(self, clients: Clients, queue_url: str) -> None:
        self._clients = clients
        self._queue_url = queue_url

    def send(self, bodies: Sequence[str]) -> None:
        """Raises TransientError if SQS takes not all of them: Lambda invokes the function again, and those
        that were sent are counted twice.
        """
        for begin in range(0, len(bodies), _BATCH):
            self._send(bodies[begin : begin + _BATCH])

    def _send(self, bodies: Sequence[str]) -> None:
        with aws_errors("sqs:SendMessage"):
            answer = self._clients.sqs.send_message_batch(
                QueueUrl=self._queue_url,
                Entries=[{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)],
            )
        for failed in answer.get("Failed", []):
            raise TransientError(f"sqs:SendMessage: {failed['Code']}")
