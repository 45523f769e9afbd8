"""The messages of the enrolment queue, each about one user, and the processing of the users' claims."""

from __future__ import annotations

import json
from collections.abc import Callable

from lambdas.aws.json_fields import json_object, text
from lambdas.aws.ports import DeadLetterQueue
from lambdas.aws.sqs_batch import QueueWorker
from lambdas.enrolment.domain.claims import ClaimDecision, ClaimRequest
from lambdas.errors import PermanentError
from lambdas.text import is_user_name

# A claim takes some reads and at most five writes.
SECONDS_FOR_A_CLAIM = 15


def enrolment_worker(
    process: Callable[[ClaimRequest], ClaimDecision],
    report: Callable[[str, ClaimDecision], None],
    dead_letters: DeadLetterQueue,
) -> QueueWorker:
    """`report` gets the user's name and the decision."""

    def handle(body: str) -> None:
        request = parse_enrolment(body)
        report(request.user_name, process(request))

    return QueueWorker(handle=handle, dead_letters=dead_letters, seconds_needed=SECONDS_FOR_A_CLAIM)


def enrolment_body(user_name: str, previous_secret: str = "", changed_by: str = "") -> str:
    return json.dumps({"userName": user_name, "previousSecret": previous_secret, "changedBy": changed_by})


def parse_enrolment(body: str) -> ClaimRequest:
    """Raises PermanentError if the message names no user."""
    message = json_object(body)
    user_name = text(message.get("userName"))
    if not is_user_name(user_name):
        raise PermanentError("the message names no user")
    return ClaimRequest(
        user_name=user_name,
        previous_secret=text(message.get("previousSecret")),
        changed_by=text(message.get("changedBy")),
    )
