"""A log of the server in JSON lines: the functions' calls, with the requests to DynamoDB; the batches from
their queues; and the processed messages.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.services import sqs

if TYPE_CHECKING:
    from pathlib import Path

    from local.emulator.calls import Answer, Call

ROLE: Final = "AssumedRole"


class Journal:
    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self._lock = threading.Lock()
        self._ids: dict[str, str] = {}

    def observe(self, call: Call, answer: Answer) -> None:
        if call.signer["type"] != ROLE or call.scope is None:
            return
        service = call.scope[2]
        self._note(
            role=call.signer.get("sessionContext", {}).get("sessionIssuer", {}).get("userName", ""),
            service=service,
            operation=call.headers.get("x-amz-target", "").rpartition(".")[2] or call.parameter("Action"),
            error=answer.error.code if answer.error else "",
            request=json.loads(call.body) if service == "dynamodb" else None,
        )

    def watch_queues(self) -> None:
        receive, delete = sqs._receive_messages_for_esm, sqs._delete_messages_for_esm

        def received(queue_url: str, batch_size: int) -> list[Any]:
            batch: list[Any] = receive(queue_url, batch_size)
            if batch:
                self._ids |= {message["receipt_handle"]: message["id"] for message in batch}
                self._note(queue=queue_url, delivered=[message["id"] for message in batch])
            return batch

        def deleted(queue_url: str, handles: set[str]) -> None:
            self._note(queue=queue_url, processed=[self._ids.pop(handle) for handle in handles])
            delete(queue_url, handles)

        sqs._receive_messages_for_esm, sqs._delete_messages_for_esm = received, deleted

    def _note(self, **what: object) -> None:
        with self._lock:
            self._file.write(json.dumps({"at": time.time(), **what}) + "\n")
            self._file.flush()
