"""What a topic cannot deliver to a queue.

AWS documents that SNS counts it (`NumberOfNotificationsFailed`) and sends it to the dead-letter queue of the
subscription, if it has one and its policy lets SNS in.
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
The emulator only logs it.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core.responses import get_account_id
from ministack.services import cloudwatch, sns, sqs

from local.emulator.permissions import customer_key_arn, service_may

SNS: Final = "sns.amazonaws.com"
KEY_ACTIONS: Final = ("kms:GenerateDataKey", "kms:Decrypt")


def fill() -> None:
    deliver = sns._deliver_to_sqs

    def deliver_or_redrive(endpoint: str, envelope: str, *message: Any, topic_arn: str, **more: Any) -> None:
        if _takes(endpoint, topic_arn):
            deliver(endpoint, envelope, *message, topic_arn=topic_arn, **more)
            return
        name = topic_arn.rpartition(":")[2]
        cloudwatch.record_metric("AWS/SNS", "NumberOfNotificationsFailed", 1, "Count", {"TopicName": name})
        dead_letters = _dead_letter_queue(endpoint, topic_arn)
        if dead_letters and _takes(dead_letters, topic_arn):
            deliver(dead_letters, envelope, *message, topic_arn=topic_arn, **more)

    sns._deliver_to_sqs = deliver_or_redrive


def _takes(queue_arn: str, topic_arn: str) -> bool:
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return False
    key = customer_key_arn(queue["attributes"])
    source = {"aws:SourceArn": topic_arn, "aws:SourceAccount": get_account_id()}
    wanted = [("sqs:SendMessage", queue_arn), *((action, key) for action in KEY_ACTIONS if key)]
    return all(service_may(SNS, action, str(resource), source) for action, resource in wanted)


def _dead_letter_queue(endpoint: str, topic_arn: str) -> str | None:
    topic: dict[str, Any] = sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
    policies = (
        subscription["attributes"].get("RedrivePolicy")
        for subscription in topic["subscriptions"]
        if subscription["endpoint"] == endpoint
    )
    policy = next(filter(None, policies), "{}")
    target: str | None = json.loads(policy).get("deadLetterTargetArn")
    return target
