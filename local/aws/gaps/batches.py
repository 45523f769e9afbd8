"""The batches of an event source mapping on a queue.

AWS documents batches of up to 10,000 messages, gathered until the batch is full, its payload reaches 6 MB or
the batching window has passed; and that the function's role must be allowed to receive and delete. The
emulator takes at most 10 messages, at once, and asks nobody.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from ministack.core.concurrency import esm_wake
from ministack.services import lambda_svc, sqs

from local.aws.permissions import customer_key_arn, role_may

PAYLOAD_BYTES: Final = 6 * 1024 * 1024
RECORD_BYTES: Final = 1024  # what surrounds a body in the event: ids, attributes, ARNs
NEEDS: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def fill() -> None:
    sqs._receive_messages_for_esm = receive


def receive(queue_url: str, batch_size: int) -> list[Any]:
    queue = sqs._get_q(queue_url)
    mapping = _mapping_of(queue["attributes"]["QueueArn"])
    if not _may_read(queue["attributes"], mapping):
        return []
    with sqs._queues_lock:
        sqs._expire_retained(queue)
        sqs._dlq_sweep(queue)
        waiting = [message for message in queue["messages"] if message["visible_at"] <= time.time()]
        if not waiting or not _is_due(
            waiting, batch_size, mapping.get("MaximumBatchingWindowInSeconds") or 0
        ):
            return []
        hidden_for = int(queue["attributes"].get("VisibilityTimeout", "30"))
        batch: list[Any] = sqs._collect_msgs(queue, _fitting(waiting[:batch_size]), hidden_for)
        return batch


def _mapping_of(queue_arn: str) -> dict[str, Any]:
    mappings = (mapping for mapping in lambda_svc._esms.values() if mapping["EventSourceArn"] == queue_arn)
    return next(mappings, {})


def _may_read(attributes: dict[str, str], mapping: dict[str, Any]) -> bool:
    function, configuration = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], None)
    role = (configuration or function["config"])["Role"]
    key = customer_key_arn(attributes)
    wanted = [(action, attributes["QueueArn"]) for action in NEEDS] + [("kms:Decrypt", key)] * bool(key)
    denied = [action for action, resource in wanted if not role_may(role, action, str(resource))]
    if denied:
        lambda_svc.logger.warning("%s may not %s on %s", role, denied, attributes["QueueArn"])
    return not denied


def _is_due(waiting: list[Any], batch_size: int, window: int) -> bool:
    """The window begins with the first message; the poller sleeps, so it is woken when the window ends."""
    left = window - (time.time() - min(message["visible_at"] for message in waiting))
    if left <= 0 or len(waiting) >= batch_size:
        return True
    timer = threading.Timer(left, esm_wake.set)
    timer.daemon = True
    timer.start()
    return False


def _fitting(messages: list[Any]) -> int:
    size = count = 0
    for message in messages:
        size += len(message["body"].encode()) + RECORD_BYTES
        if size > PAYLOAD_BYTES:
            break
        count += 1
    return max(count, 1)
