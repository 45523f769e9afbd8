"""Messages that are delivered again although they were processed.

A standard queue delivers "at least once": on rare occasions a copy of a message outlives its deletion.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
The emulator delivers each once.
"""

from __future__ import annotations

import time
from itertools import count

from ministack.core.concurrency import esm_wake
from ministack.services import sqs


def fill(every: int) -> None:
    """One in so many comes again, at once; with 0 none does."""
    if not every:
        return
    delete = sqs._delete_messages_for_esm
    processed = count(1)

    def delete_most(queue_url: str, handles: set[str]) -> None:
        outliving = {handle for handle in handles if next(processed) % every == 0}
        delete(queue_url, handles - outliving)
        if outliving:
            _show_again(queue_url, outliving)

    sqs._delete_messages_for_esm = delete_most


def _show_again(queue_url: str, handles: set[str]) -> None:
    with sqs._queues_lock:
        for message in sqs._get_q(queue_url)["messages"]:
            if message.get("receipt_handle") in handles:
                message["visible_at"] = time.time()
    esm_wake.set()
