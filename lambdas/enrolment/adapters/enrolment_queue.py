"""Sends users whose claims are to be processed to the enrolment queue."""

from __future__ import annotations

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.enrolment.enrolment_batch import enrolment_body


class SqsEnrolmentQueue:
    def __init__(self, clients: Clients, queue_url: str) -> None:
        self._clients = clients
        self._queue_url = queue_url

    def process_soon(self, user_name: str, previous_secret: str = "", changed_by: str = "") -> None:
        self._send(enrolment_body(user_name, previous_secret, changed_by))

    def send_delayed(self, user_name: str, delay_seconds: int) -> None:
        self._send(enrolment_body(user_name), delay_seconds)

    def _send(self, body: str, delay_seconds: int = 0) -> None:
        with aws_errors("sqs:SendMessage"):
            self._clients.sqs.send_message(
                QueueUrl=self._queue_url, MessageBody=body, DelaySeconds=delay_seconds
            )
