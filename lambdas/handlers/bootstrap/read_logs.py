"""The `read_logs` function."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from lambdas.aws.adapters.clients import Clients
from lambdas.detection.adapters.refusal_queue import SqsRefusalQueue
from lambdas.detection.domain.refusal import LoggedRefusal
from lambdas.detection.log_messages import refused_calls_body
from lambdas.detection.ports import RefusalQueue
from lambdas.handlers.bootstrap.function_settings import ReadLogsSettings


@dataclass(kw_only=True, eq=False, repr=False)
class ReadLogsFunction:
    queue: RefusalQueue
    account: str
    region: str

    def send(self, refusals: Iterable[LoggedRefusal]) -> None:
        self.queue.send([refused_calls_body(self.account, self.region, refusal) for refusal in refusals])


@cache
def read_logs_function() -> ReadLogsFunction:
    settings = ReadLogsSettings.from_env(os.environ)
    return ReadLogsFunction(
        queue=SqsRefusalQueue(Clients(), settings.signal_queue_url),
        account=settings.account,
        region=os.environ["AWS_REGION"],
    )
