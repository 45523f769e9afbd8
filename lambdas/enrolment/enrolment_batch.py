"""The messages of the enrolment queue, each about one user, and the processing of the users' claims."""

from __future__ import annotations

import json
from collections.abc import Callable

from lambdas.aws.json_fields import json_object, text
from lambdas.aws.ports import DeadLetterQueue
from lambdas.aws.sqs_batch import QueueWorker
from lambdas.enrolment.domain.claims import ClaimDecision
from lambdas.errors import PermanentError
from lambdas.text import is_user_name

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


def enrolment_body(user_name: str, previous_secret: str = "") -> str:
    return json.dumps({"userName": user_name, "previousSecret": previous_secret})


def parse_enrolment(body: str) -> tuple[str, str]:
    """The user's name, and a secret that the user may have claimed before; empty if there is none. Raises
    PermanentError if the message names no user.
    """
    message = json_object(body)
    user_name = text(message.get("userName"))
    if not is_user_name(user_name):
        raise PermanentError("the message names no user")
    return user_name, text(message.get("previousSecret"))
