"""The signal queue, as the tracker writes to it: a key in use that was switched off, for `remediate`.

A message's body is JSON shaped like an EventBridge event, `detail-type` DETAIL_TYPE, or CHANGED_TYPE for
a change that matters only to an incident that is open; its `detail` has `accessKeyId`, `eventName` (of the
IAM call that did it), `at` (ISO, UTC), `by` and `userName`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.domain.iam_events import DELETE_KEY
from lambdas.ledger.key_state_messages import CHANGED_TYPE, DETAIL_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient

    from lambdas.ledger.domain.key_state_change import KeyStateChange


class SqsSignalQueue:
    """A deletion waits for `deletion_grace_seconds`: who deletes a user deletes its keys right before."""

    def __init__(
        self, client: Callable[[], SQSClient], queue_url: str, *, account: str, deletion_grace_seconds: int
    ) -> None:
        self._client = client
        self._queue_url = queue_url
        self._account = account
        self._deletion_grace_seconds = deletion_grace_seconds

    def report_predicted_outage(self, switch_off: KeyStateChange) -> None:
        waits = switch_off.event_name == DELETE_KEY
        self._send(DETAIL_TYPE, switch_off, self._deletion_grace_seconds if waits else 0)

    def report_change(self, change: KeyStateChange) -> None:
        self._send(CHANGED_TYPE, change, 0)

    def _send(self, detail_type: str, change: KeyStateChange, delay_seconds: int) -> None:
        with aws_errors("sqs:SendMessage"):
            self._client().send_message(
                QueueUrl=self._queue_url,
                MessageBody=self._body(detail_type, change),
                DelaySeconds=delay_seconds,
            )

    def _body(self, detail_type: str, change: KeyStateChange) -> str:
        detail = {
            "accessKeyId": change.access_key_id,
            "eventName": change.event_name,
            "at": change.at.isoformat(),
            "by": change.by,
            "userName": change.user_name,
        }
        return json.dumps({"detail-type": detail_type, "account": self._account, "detail": detail})
