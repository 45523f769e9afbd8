from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.sqs_batch import Message, Outcome
from lambdas.errors import BusyError, PermanentError, TransientError
from lambdas.ledger.iam_event_batch import SECONDS_FOR_A_RECORD, iam_event_worker
from tests.support.builders import an_event, key_id
from tests.support.fakes import FakeDeadLetters
from tests.support.health_events import EXPOSED, a_health_event
from tests.support.iam_records import LIMIT_EXCEEDED, deleted_key, on_alice

if TYPE_CHECKING:
    from lambdas.aws.domain.exposure import Exposure
    from lambdas.aws.domain.iam_events import IamEvent

GOOD, BAD = an_event(deleted_key()), an_event(on_alice("DeleteUser"))
WITHOUT_A_KEY = an_event(deleted_key() | {"requestParameters": None})


class Recorder:
    """Replaces the tracker: fails for deletions of users with the given error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.tracked: list[str] = []

    def __call__(self, event: IamEvent) -> None:
        if self.error and event.event_name == "DeleteUser":
            raise self.error
        self.tracked.append(event.event_name)

    def expose(self, exposure: Exposure) -> None:
        self.tracked.append(exposure.event_type)


def process(
    recorder: Recorder, dead_letters: FakeDeadLetters, *bodies: str, seconds_left: float = 30
) -> Outcome:
    messages = [Message(message_id=f"m{n}", body=body) for n, body in enumerate(bodies)]
    worker = iam_event_worker(recorder, recorder.expose, dead_letters)
    return worker.process(messages, lambda: seconds_left)


def test_each_key_of_a_health_event_is_tracked() -> None:
    recorder = Recorder()
    body = json.dumps(a_health_event(key_id(1), key_id(2)))
    assert process(recorder, FakeDeadLetters(), GOOD, body) == Outcome()
    assert recorder.tracked == ["DeleteAccessKey", EXPOSED, EXPOSED]


def test_messages_are_tracked_one_by_one_in_order() -> None:
    recorder = Recorder()
    assert process(recorder, FakeDeadLetters(), GOOD, BAD, GOOD) == Outcome()
    assert recorder.tracked == ["DeleteAccessKey", "DeleteUser", "DeleteAccessKey"]


@pytest.mark.parametrize("error", [TransientError("throttled"), ZeroDivisionError("our own fault")])
def test_a_failure_returns_only_its_own_message_to_the_queue(error: Exception) -> None:
    recorder = Recorder(error)
    outcome = process(recorder, FakeDeadLetters(), GOOD, BAD, GOOD)
    assert (outcome.to_retry, outcome.failures, outcome.rejected) == (["m1"], [error], [])
    assert recorder.tracked == ["DeleteAccessKey"] * 2


def test_a_busy_entry_is_retried_without_counting_as_a_failure() -> None:
    outcome = process(Recorder(BusyError("others are writing")), FakeDeadLetters(), BAD, GOOD)
    assert (outcome.to_retry, outcome.failures) == (["m0"], [])


def test_an_unusable_record_goes_to_the_dead_letter_queue_with_a_reason() -> None:
    recorder, dead_letters = Recorder(), FakeDeadLetters()
    outcome = process(recorder, dead_letters, "no JSON", GOOD, WITHOUT_A_KEY)
    assert dead_letters.rejected == [
        ("no JSON", "the body is not JSON"),
        (WITHOUT_A_KEY, "the record names no access key id"),
    ]
    assert (outcome.to_retry, recorder.tracked) == ([], ["DeleteAccessKey"])


def test_a_permanent_error_is_rejected_and_a_message_that_cannot_be_rejected_is_retried() -> None:
    dead_letters = FakeDeadLetters()
    outcome = process(Recorder(PermanentError("never")), dead_letters, BAD)
    assert (dead_letters.rejected, outcome.to_retry) == ([(BAD, "never")], [])
    outcome = process(Recorder(), FakeDeadLetters(fails=True), "no JSON", GOOD)
    assert (outcome.to_retry, len(outcome.failures)) == (["m0"], 1)


def test_a_record_of_a_failed_call_is_ignored() -> None:
    recorder = Recorder()
    assert process(recorder, FakeDeadLetters(), an_event(LIMIT_EXCEEDED)) == Outcome()
    assert recorder.tracked == []


def test_a_record_is_not_started_without_enough_time() -> None:
    recorder, dead_letters = Recorder(), FakeDeadLetters()
    outcome = process(recorder, dead_letters, GOOD, "no JSON", seconds_left=SECONDS_FOR_A_RECORD - 0.1)
    assert (outcome.to_retry, outcome.failures) == (["m0", "m1"], [])
    assert (recorder.tracked, dead_letters.rejected) == ([], [])
    assert process(recorder, dead_letters, GOOD, seconds_left=SECONDS_FOR_A_RECORD) == Outcome()
