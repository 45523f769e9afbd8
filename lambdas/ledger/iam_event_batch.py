"""Tracks each CloudTrail record of a batch from the queue of IAM events."""

from __future__ import annotations

from collections.abc import Callable

from lambdas.aws.domain.iam_events import IamEvent
from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.aws.ports import DeadLetterQueue
from lambdas.aws.sqs_batch import QueueWorker

# A record takes some reads and writes; the deletion of a user, some for each of its keys.
SECONDS_FOR_A_RECORD = 8


def iam_event_worker(track: Callable[[IamEvent], None], dead_letters: DeadLetterQueue) -> QueueWorker:
    def handle(body: str) -> None:
        if event := parse_iam_event(body):
            track(event)

    return QueueWorker(handle=handle, dead_letters=dead_letters, seconds_needed=SECONDS_FOR_A_RECORD)
