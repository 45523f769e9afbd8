from __future__ import annotations

import json

import pytest

from lambdas.aws.sqs_batch import Message
from lambdas.enrolment.domain.claims import ClaimDecision
from lambdas.enrolment.enrolment_batch import SECONDS_FOR_A_CLAIM, EnrolmentBatch
from lambdas.errors import BusyError, PermanentError, TransientError
from tests.support.fakes import FakeDeadLetters


def body(user_name: str, formerly: str = "") -> str:
    return json.dumps({"userName": user_name, "formerly": formerly})


def batch(error: Exception | None, dead_letters: FakeDeadLetters, seconds_left: float = 60) -> EnrolmentBatch:
    """Fails for bob."""

    def look_at(user_name: str, formerly: str) -> ClaimDecision:
        if error and user_name == "bob":
            raise error
        return ClaimDecision(waits=formerly)

    return EnrolmentBatch(look_at, dead_letters, lambda: seconds_left)


def messages(*bodies: str) -> list[Message]:
    return [Message(message_id=f"m{n}", body=text) for n, text in enumerate(bodies)]


@pytest.mark.parametrize(
    ("error", "to_retry", "failures", "rejected"),
    [
        (TransientError("throttled"), ["m1"], 1, 0),
        (BusyError("a rotation is under way"), ["m1"], 0, 0),
        (PermanentError("never"), [], 0, 1),
    ],
)
def test_a_failure_is_of_its_own_user_alone(
    error: Exception, to_retry: list[str], failures: int, rejected: int
) -> None:
    dead_letters = FakeDeadLetters()
    it = batch(error, dead_letters)
    outcome = it.process(messages(body("alice", "access-keys/a"), body("bob"), body("carol")))
    assert (outcome.to_retry, len(outcome.failures), len(dead_letters.rejected)) == (
        to_retry,
        failures,
        rejected,
    )
    assert it.verdicts == [("alice", ClaimDecision(waits="access-keys/a")), ("carol", ClaimDecision())]


@pytest.mark.parametrize("said", ["no JSON", "{}", body("a b"), body("")])
def test_what_names_no_user_goes_to_the_dead_letters(said: str) -> None:
    dead_letters = FakeDeadLetters()
    outcome = batch(None, dead_letters).process(messages(said))
    assert (outcome.to_retry, [text for text, _ in dead_letters.rejected]) == ([], [said])


def test_a_user_is_not_begun_with_when_there_may_be_too_little_time_for_it() -> None:
    it = batch(None, FakeDeadLetters(), SECONDS_FOR_A_CLAIM - 0.1)
    assert it.process(messages(body("alice"))).to_retry == ["m0"]
    assert it.verdicts == []
