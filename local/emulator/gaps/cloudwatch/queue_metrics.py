"""The metrics of queues.

AWS documents for each queue, once a minute, how many messages are visible and how old the oldest is, where a
message counts no more after it was received three times without being deleted. The emulator publishes
neither; here they are renewed at every evaluation of the alarms.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

import time
from typing import Any, Final

from ministack.services import cloudwatch, sqs

MINUTE: Final = 60
RECEIVES_THAT_COUNT: Final = 3


def publish() -> None:
    """Of the current account and region."""
    for url, queue in sqs._queues.items():
        messages = queue["messages"]
        now = time.time()
        visible = [message for message in messages if message["visible_at"] <= now]
        waiting = [one["sent_at"] for one in messages if one.get("receive_count", 0) < RECEIVES_THAT_COUNT]
        oldest = min(waiting, default=now)
        dimensions = {"QueueName": str(url).rpartition("/")[2]}
        _renew("ApproximateNumberOfMessagesVisible", len(visible), dimensions)
        _renew("ApproximateNumberOfMessagesNotVisible", len(messages) - len(visible), dimensions)
        _renew("ApproximateAgeOfOldestMessage", int(now - oldest), dimensions)


def _renew(metric: str, value: float, dimensions: dict[str, str]) -> None:
    """One point a minute, like AWS, which for its minute says how things are now."""
    points: list[dict[str, Any]] = cloudwatch._metric_bucket(
        ("AWS/SQS", metric, cloudwatch._dims_key(dimensions)),
    )
    now = time.time()
    is_new = not points or now - points[-1]["Timestamp"] >= MINUTE
    since = now if is_new else points.pop()["Timestamp"]
    points.append({"Timestamp": since, "Value": float(value), "Unit": "Count", "Dimensions": dimensions})
