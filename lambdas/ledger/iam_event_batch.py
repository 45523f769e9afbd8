"""Tracks each message of a batch from the queue of IAM events: CloudTrail's records, AWS Health's events."""

from __future__ import annotations

from collections.abc import Callable

from lambdas.aws import health_event_parser
from lambdas.aws.domain.exposure import Exposure
from lambdas.aws.domain.iam_events import IamEvent
from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.aws.json_fields import json_object
from lambdas.aws.ports import DeadLetterQueue
from lambdas.aws.sqs_batch import QueueWorker

# A record takes some reads and writes; the deletion of a user, some for each of its keys.
SECONDS_FOR_A_RECORD = 8


def iam_event_worker(
    track: Callable[[IamEvent], None],
    track_exposure: Callable[[Exposure], None],
    dead_letters: DeadLetterQueue,
) -> QueueWorker:
    def handle(body: str) -> None:
        parsed = json_object(body)
        if parsed.get("detail-type") == health_event_parser.DETAIL_TYPE:
            for exposure in health_event_parser.parse_exposures(parsed):
                track_exposure(exposure)
        elif event := parse_iam_event(body):
            track(event)

    return QueueWorker(handle=handle, dead_letters=dead_letters, seconds_needed=SECONDS_FOR_A_RECORD)
