from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambdas.aws.sqs_batch import Message, Outcome
from lambdas.errors import BusyError, PermanentError, TransientError
from lambdas.ledger.iam_event_batch import SECONDS_FOR_A_RECORD, iam_event_worker
from tests.support.builders import an_event
from tests.support.fakes import FakeDeadLetters
from tests.support.iam_records import LIMIT_EXCEEDED, deleted_key, on_alice

if TYPE_CHECKING:
    from lambdas.aws.domain.iam_events import IamEvent

GOOD, BAD = an_event(deleted_key()), an_event(on_alice("DeleteUser"))
WITHOUT_A_KEY = an_event(deleted_key() | {"requestParameters": None})


class Recorder:
    """Stands in for the tracker: fails for users' deletions with the error it is given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.seen: list[str] = []

    def __call__(self, event: IamEvent) -> None:
        if self.error and event.event_name == "DeleteUser":
            raise self.error
        self.seen.append(event.event_name)


def process(
    recorder: Recorder, dead_letters: FakeDeadLetters, *bodies: str, seconds_left: float = 30
) -> Outcome:
    messages = [Message(message_id=f"m{n}", body=body) for n, body in enumerate(bodies)]
    return iam_event_worker(recorder, dead_letters).process(messages, lambda: seconds_left)


def test_each_message_is_tracked_by_itself_in_the_order_in_which_it_came() -> None:
    recorder = Recorder()
    assert process(recorder, FakeDeadLetters(), GOOD, BAD, GOOD) == Outcome()
    assert recorder.seen == ["DeleteAccessKey", "DeleteUser", "DeleteAccessKey"]


@pytest.mark.parametrize("error", [TransientError("throttled"), ZeroDivisionError("our own fault")])
def test_a_failure_returns_its_own_message_and_its_neighbours_are_tracked(error: Exception) -> None:
    recorder = Recorder(error)
    outcome = process(recorder, FakeDeadLetters(), GOOD, BAD, GOOD)
    assert (outcome.to_retry, outcome.failures, outcome.rejected) == (["m1"], [error], [])
    assert recorder.seen == ["DeleteAccessKey"] * 2


def test_an_entry_that_others_are_writing_is_tried_again_without_being_a_failure() -> None:
    outcome = process(Recorder(BusyError("others are writing")), FakeDeadLetters(), BAD, GOOD)
    assert (outcome.to_retry, outcome.failures) == (["m0"], [])


def test_what_is_no_usable_record_goes_to_the_dead_letters_with_its_reason() -> None:
    recorder, dead_letters = Recorder(), FakeDeadLetters()
    outcome = process(recorder, dead_letters, "no JSON", GOOD, WITHOUT_A_KEY)
    assert dead_letters.rejected == [
        ("no JSON", "the body is not JSON"),
        (WITHOUT_A_KEY, "the record names no access key id"),
    ]
    assert (outcome.to_retry, recorder.seen) == ([], ["DeleteAccessKey"])


def test_what_can_never_be_tracked_is_rejected_and_what_cannot_be_rejected_stays() -> None:
    dead_letters = FakeDeadLetters()
    outcome = process(Recorder(PermanentError("never")), dead_letters, BAD)
    assert (dead_letters.rejected, outcome.to_retry) == ([(BAD, "never")], [])
    outcome = process(Recorder(), FakeDeadLetters(fails=True), "no JSON", GOOD)
    assert (outcome.to_retry, len(outcome.failures)) == (["m0"], 1)


def test_a_record_of_a_failed_call_is_worked_off_in_silence() -> None:
    recorder = Recorder()
    assert process(recorder, FakeDeadLetters(), an_event(LIMIT_EXCEEDED)) == Outcome()
    assert recorder.seen == []


def test_a_record_is_not_begun_when_there_may_be_too_little_time_for_it() -> None:
    recorder, dead_letters = Recorder(), FakeDeadLetters()
    outcome = process(recorder, dead_letters, GOOD, "no JSON", seconds_left=SECONDS_FOR_A_RECORD - 0.1)
    assert (outcome.to_retry, outcome.failures) == (["m0", "m1"], [])
    assert (recorder.seen, dead_letters.rejected) == ([], [])
    assert process(recorder, dead_letters, GOOD, seconds_left=SECONDS_FOR_A_RECORD) == Outcome()
