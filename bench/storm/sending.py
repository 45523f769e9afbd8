"""Sends a storm to the signal queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from bench.events.rig import WrongAnswerError
from local import operator_role

if TYPE_CHECKING:
    from bench.events.refused_call import RefusedCall
    from local.deployment import Deployment

_SENDERS = 2
_MESSAGES_OF_A_REQUEST = 10  # SQS API reference, SendMessageBatch
_AT_A_TIME = 1000

Calls: TypeAlias = Iterator["RefusedCall"]


def send(deployment: Deployment, calls: Calls) -> dict[str, RefusedCall]:
    """The calls by message id. Raises WrongAnswerError if a message was not accepted."""
    sender = _Sender(deployment)
    sent: dict[str, RefusedCall] = {}
    with ThreadPoolExecutor(_SENDERS) as pool:
        while chunk := list(islice(calls, _AT_A_TIME)):
            tens = (
                chunk[begin : begin + _MESSAGES_OF_A_REQUEST]
                for begin in range(0, len(chunk), _MESSAGES_OF_A_REQUEST)
            )
            for ids in pool.map(sender.send, tens):
                sent |= ids
    return sent


class _Sender:
    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._local = threading.local()

    def send(self, calls: list[RefusedCall]) -> dict[str, RefusedCall]:
        entries = [{"Id": str(place), "MessageBody": call.as_event()} for place, call in enumerate(calls)]
        answer = self._client().send_message_batch(
            QueueUrl=self._deployment.outputs["SignalQueueUrl"], Entries=entries
        )
        if answer.get("Failed"):
            raise WrongAnswerError(f"the queue refused {answer['Failed']}")
        return {taken["MessageId"]: calls[int(taken["Id"])] for taken in answer["Successful"]}

    def _client(self) -> Any:  # noqa: ANN401 -- boto3 clients of a session are untyped
        if not hasattr(self._local, "client"):
            self._local.client = operator_role.session(self._deployment.aws).client("sqs")
        return self._local.client
