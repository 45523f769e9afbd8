"""The queue of users whose claim is to be looked at.

A message's body is JSON: `userName`, and `formerly`, the name of a secret that it may have claimed before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient

# The longest that SQS keeps a message back (API reference, SendMessage, DelaySeconds).
_LATER_SECONDS = 900


class SqsEnrolmentQueue:
    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def look_at(self, user_name: str, formerly: str = "") -> None:
        self._send(user_name, formerly)

    def look_later(self, user_name: str) -> None:
        self._send(user_name, "", later=_LATER_SECONDS)

    def _send(self, user_name: str, formerly: str, later: int = 0) -> None:
        body = json.dumps({"userName": user_name, "formerly": formerly})
        with aws_errors("sqs:SendMessage"):
            self._client().send_message(QueueUrl=self._queue_url, MessageBody=body, DelaySeconds=later)
