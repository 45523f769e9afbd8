"""An invocation as by Lambda: an SQS event with one message, and a context."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench.events.refused_call import RefusedCall
from bench.moto.history import ACCOUNT
from bench.processes import REGION


@dataclass(frozen=True)
class Context:
    """What Powertools and the handler read of Lambda's context."""

    function_name: str = "remediate"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:remediate"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def refused_call(access_key_id: str) -> dict[str, Any]:
    """The event for a call that AWS just refused."""
    return _sqs_event(RefusedCall(access_key_id=access_key_id, account=ACCOUNT, region=REGION).as_event())


def _sqs_event(body: str) -> dict[str, Any]:
    milliseconds = str(int(datetime.now(UTC).timestamp() * 1000))
    message = {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": milliseconds,
            "SenderId": "AIDAJXNJGGKNS7OSV23OI",
            "ApproximateFirstReceiveTimestamp": milliseconds,
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:Signals",
        "awsRegion": REGION,
    }
    return {"Records": [message]}
