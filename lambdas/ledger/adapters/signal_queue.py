"""Sends messages about changed keys to the signal queue, for `remediate`."""

from __future__ import annotations

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.domain.iam_events import DELETE_KEY
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.ledger.key_state_messages import LEAK, OTHER_CHANGE, PREDICTED_OUTAGE, change_body


class SqsSignalQueue:
    """Delays the deletion of a key, because the deletion of its user may follow: IAM deletes a user only when
    it has no keys left (IAM API reference, DeleteUser).
    """

    def __init__(
        self, clients: Clients, queue_url: str, *, account: str, deletion_grace_seconds: int
    ) -> None:
        self._clients = clients
        self._queue_url = queue_url
        self._account = account
        self._deletion_grace_seconds = deletion_grace_seconds

    def report_predicted_outage(self, change: KeyStateChange) -> None:
        delay_seconds = self._deletion_grace_seconds if change.event_name == DELETE_KEY else 0
        self._send(PREDICTED_OUTAGE, change, delay_seconds)

    def report_leak(self, change: KeyStateChange) -> None:
        self._send(LEAK, change, 0)

    def report_change(self, change: KeyStateChange) -> None:
        self._send(OTHER_CHANGE, change, 0)

    def _send(self, detail_type: str, change: KeyStateChange, delay_seconds: int) -> None:
        with aws_errors("sqs:SendMessage"):
            self._clients.sqs.send_message(
                QueueUrl=self._queue_url,
                MessageBody=change_body(detail_type, self._account, change),
                DelaySeconds=delay_seconds,
            )
