"""Processes the claim of each user that is named in a batch from the enrolment queue."""

from __future__ import annotations

from collections.abc import Callable

from lambdas.aws.ports import DeadLetterQueue
from lambdas.aws.sqs_batch import QueueWorker
from lambdas.enrolment.domain.claims import ClaimDecision
from lambdas.enrolment.enrolment_messages import parse_enrolment

# A claim takes some reads and at most five writes.
SECONDS_FOR_A_CLAIM = 15


def enrolment_worker(
    process: Callable[[str, str], ClaimDecision],
    report: Callable[[str, ClaimDecision], None],
    dead_letters: DeadLetterQueue,
) -> QueueWorker:
    """`process` gets a user name and the secret that the user claimed before; `report`, the decision."""

    def handle(body: str) -> None:
        user_name, previous_secret = parse_enrolment(body)
        report(user_name, process(user_name, previous_secret))

    return QueueWorker(handle=handle, dead_letters=dead_letters, seconds_needed=SECONDS_FOR_A_CLAIM)
