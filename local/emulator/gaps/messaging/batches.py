"""The batches of an event source mapping on a queue.

AWS documents batches of up to 10,000 messages, gathered until the batch is full, its payload reaches 6 MB or
the batching window has passed; and that the function's role must be allowed to receive and delete. The
emulator takes at most 10 messages, at once, and asks nobody.
"""

from __future__ import annotations

import threading
import time
import uuid
from itertools import islice
from typing import Any, Final

from ministack.core.concurrency import esm_wake
from ministack.services import lambda_svc, sqs

from local.emulator.permissions import customer_key_arn, role_may

PAYLOAD_BYTES: Final = 6 * 1024 * 1024
RECORD_BYTES: Final = 1024  # what surrounds a body in the event: ids, attributes, ARNs
NEEDS: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def fill() -> None:
    sqs._receive_messages_for_esm = receive
    sqs._delete_messages_for_esm = delete


def receive(queue_url: str, batch_size: int) -> list[Any]:
    queue = sqs._get_q(queue_url)
    mapping = _mapping_of(queue["attributes"]["QueueArn"])
    if not _may_read(queue["attributes"], mapping):
        return []
    with sqs._queues_lock:
        sqs._expire_retained(queue)
        waiting = _waiting(queue, batch_size)
        if any(message["receive_count"] for message in waiting):  # perhaps too often
            sqs._dlq_sweep(queue)
            waiting = _waiting(queue, batch_size)
        if not waiting or not _is_due(
            waiting, batch_size, mapping.get("MaximumBatchingWindowInSeconds") or 0
        ):
            return []
        batch = waiting[: _fitting(waiting)]
        _hide(batch, int(queue["attributes"].get("VisibilityTimeout", "30")))
        return batch


def delete(queue_url: str, handles: set[str]) -> None:
    """What was received is at the front of the queue, so no more of it is looked at than need be."""
    left = set(handles)
    with sqs._queues_lock:
        messages = sqs._get_q(queue_url)["messages"]
        kept = []
        for place, message in enumerate(messages):
            if message["receipt_handle"] in left:
                left.remove(message["receipt_handle"])
            else:
                kept.append(message)
            if not left:
                messages[: place + 1] = kept
                return
        messages[:] = kept


def _waiting(queue: dict[str, Any], most: int) -> list[Any]:
    """The first that are visible: a storm leaves 100,000 of them, too many to be all looked at each time."""
    now = time.time()
    return list(islice((message for message in queue["messages"] if _is_visible(message, now)), most))


def _is_visible(message: dict[str, Any], now: float) -> bool:
    sqs._ensure_msg_fields(message)
    return bool(message["visible_at"] <= now)


def _hide(messages: list[Any], seconds: int) -> None:
    now = time.time()
    for message in messages:
        message["receipt_handle"] = str(uuid.uuid4())
        message["visible_at"] = now + seconds
        message["receive_count"] += 1
        message["first_receive_at"] = message["first_receive_at"] or now


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
