from __future__ import annotations

import json

import pytest

from lambdas.aws.sqs_batch import Message, Outcome
from lambdas.enrolment.domain.claims import ClaimDecision, ClaimRequest
from lambdas.enrolment.enrolment_batch import SECONDS_FOR_A_CLAIM, enrolment_worker
from lambdas.errors import BusyError, PermanentError, TransientError
from tests.support.fakes import FakeDeadLetters


def body(user_name: str, previous_secret: str = "") -> str:
    return json.dumps({"userName": user_name, "previousSecret": previous_secret})


Decisions = list[tuple[str, ClaimDecision]]


def process(
    bodies: list[str], dead_letters: FakeDeadLetters, error: Exception | None = None, seconds_left: float = 60
) -> tuple[Outcome, Decisions]:
    """The outcome and the reported decisions. The claim of bob fails with the error."""
    decisions: Decisions = []

    def decide(request: ClaimRequest) -> ClaimDecision:
        if error and request.user_name == "bob":
            raise error
        return ClaimDecision(refusal=request.previous_secret)

    worker = enrolment_worker(decide, lambda *decision: decisions.append(decision), dead_letters)
    messages = [Message(message_id=f"m{n}", body=text) for n, text in enumerate(bodies)]
    return worker.process(messages, lambda: seconds_left), decisions


@pytest.mark.parametrize(
    ("error", "to_retry", "failures", "rejected"),
    [
        (TransientError("throttled"), ["m1"], 1, 0),
        (BusyError("a rotation is under way"), ["m1"], 0, 0),
        (PermanentError("never"), [], 0, 1),
    ],
)
def test_a_failure_concerns_its_own_user_alone(
    error: Exception, to_retry: list[str], failures: int, rejected: int
) -> None:
    dead_letters = FakeDeadLetters()
    bodies = [body("alice", "access-keys/a"), body("bob"), body("carol")]
    outcome, decisions = process(bodies, dead_letters, error)
    assert (outcome.to_retry, len(outcome.failures), len(dead_letters.rejected)) == (
        to_retry,
        failures,
        rejected,
    )
    assert decisions == [("alice", ClaimDecision(refusal="access-keys/a")), ("carol", ClaimDecision())]


@pytest.mark.parametrize("said", ["no JSON", "{}", body("a b"), body("")])
def test_a_message_that_names_no_user_goes_to_the_dead_letter_queue(said: str) -> None:
    dead_letters = FakeDeadLetters()
    outcome, _ = process([said], dead_letters)
    assert (outcome.to_retry, [text for text, _ in dead_letters.rejected]) == ([], [said])


def test_a_user_is_not_processed_if_the_time_left_may_be_too_short() -> None:
    outcome, decisions = process([body("alice")], FakeDeadLetters(), seconds_left=SECONDS_FOR_A_CLAIM - 0.1)
    assert (outcome.to_retry, decisions) == (["m0"], [])
