"""Moving dead letters back (StartMessageMoveTask).

AWS documents (SQS developer guide, "dead-letter queue redrive") that each message goes to the queue that it
came from, or to the one that is named; that only the dead-letter queue of another queue can be a source; and
that the caller needs sqs:StartMessageMoveTask, sqs:ReceiveMessage, sqs:DeleteMessage and
sqs:GetQueueAttributes on the dead-letter queue, and sqs:SendMessage on the destination. The emulator does not
know the action.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_evaluator
from ministack.core.concurrency import esm_wake
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import sqs

if TYPE_CHECKING:
    from collections.abc import Callable

    MayUse = Callable[[str, str], bool]

START: Final = "AmazonSQS.StartMessageMoveTask"
ON_SOURCE: Final = ("StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")


def fill() -> None:
    handle = sqs.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target") != START:
            return await handle(method, path, headers, body, query)
        key = extract_access_key_id(headers, query)

        def may(action: str, arn: str) -> bool:
            name = f"sqs:{action}"
            return iam_evaluator.enforce(key, name, "sqs", get_region(), resource_arn=arn) is None

        return start(json.loads(body), may)

    sqs.handle_request = handle_request


def start(request: dict[str, str], may: MayUse) -> Any:
    source, destination = request["SourceArn"], request.get("DestinationArn", "")
    queue = sqs._queue_by_arn(source)
    if queue is None or not _is_dead_letter_queue(source):
        message = "Source queue must be configured as a Dead Letter Queue."
        return sqs._json_err_resp("ResourceNotFoundException", message, 404)
    denied = [action for action in ON_SOURCE if not may(action, source)]
    denied += ["SendMessage"] * bool(destination and not may("SendMessage", destination))
    if denied:
        return sqs._json_err_resp("AccessDenied", f"sqs:{denied[0]} is denied.", 403)
    with sqs._queues_lock:
        queue["messages"] = [each for each in queue["messages"] if not _moved(each, destination, may)]
    esm_wake.set()
    return sqs._json_ok({"TaskHandle": str(uuid.uuid4())})


def _is_dead_letter_queue(arn: str) -> bool:
    return any(arn in queue["attributes"].get("RedrivePolicy", "") for queue in sqs._queues.values())


def _moved(message: dict[str, Any], destination: str, may: MayUse) -> bool:
    arn = destination or message.get("sys", {}).get("DeadLetterQueueSourceArn", "")
    queue = sqs._queue_by_arn(arn) if arn else None
    if queue is None or not may("SendMessage", arn):
        return False
    now = time.time()
    fresh = {"id": str(uuid.uuid4()), "enqueued_at": now, "visible_at": now, "receive_count": 0}
    queue["messages"].append({**message, **fresh, "receipt_handle": None, "first_receive_at": None})
    return True
