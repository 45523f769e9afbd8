from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.sqs_batch import Message, parse_messages
from lambdas.diagnosis.domain.cause import Cause
from lambdas.errors import BusyError, PermanentError, TransientError
from lambdas.remediation.outcome import RemediationOutcome
from lambdas.remediation.signal_batch import SECONDS_FOR_AN_INCIDENT, SignalBatch
from lambdas.rotation.notification_messages import notification_body
from tests.support.builders import a_notification, a_record, an_event, key_id
from tests.support.fakes import FakeDeadLetters, FakeIam, FakeLedger, FakeTrail, World

if TYPE_CHECKING:
    from collections.abc import Collection

    from lambdas.aws.domain.iam import KeyChange
    from lambdas.detection.domain.signal_group import SignalGroup
    from lambdas.rotation.domain.notification import Notification

GOOD, BAD = key_id(1), key_id(2)
GOOD_SECRET, BAD_SECRET = "access-keys/good", "access-keys/bad"


class Recorder:
    """Stands in for the remediator: fails for the key BAD with the error it is given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.seen: list[SignalGroup] = []
        self.sent: list[str] = []
        self.waits: list[bool] = []

    def __call__(self, group: SignalGroup, *, may_wait: bool) -> None:
        self.waits.append(may_wait)
        if self.error and group.key == BAD:
            raise self.error
        self.seen.append(group)

    def send(self, notification: Notification) -> bool:
        if self.error and notification.secret_name == BAD_SECRET:
            raise self.error
        self.sent.append(notification.secret_name)
        return True


def process(
    recorder: Recorder, dead_letters: FakeDeadLetters, *bodies: str, seconds_left: float = 30
) -> RemediationOutcome:
    messages = [Message(message_id=f"m{n}", body=body) for n, body in enumerate(bodies)]
    batch = SignalBatch(recorder, recorder.send, dead_letters, lambda: seconds_left, intake=World().intake)
    return batch.process(messages)


@pytest.mark.parametrize(("deliveries", "may_wait"), [(1, True), (2, True), (3, False), (9, False)])
def test_an_alert_waits_for_evidence_until_the_third_delivery_of_a_message(
    deliveries: int, *, may_wait: bool
) -> None:
    recorder = Recorder()
    messages = [
        Message(message_id="m1", body=of(GOOD)),
        Message(message_id="m2", body=of(GOOD), deliveries=deliveries),
    ]
    batch = SignalBatch(recorder, recorder.send, FakeDeadLetters(), lambda: 30, intake=World().intake)
    batch.process(messages)
    assert recorder.waits == [may_wait]


def test_a_message_knows_how_often_it_was_delivered() -> None:
    record = {"messageId": "m1", "body": "x", "attributes": {"ApproximateReceiveCount": "3"}}
    assert [message.deliveries for message in parse_messages({"Records": [record]})] == [3]


class UnreadableLedger(FakeLedger):
    def known_keys(self, access_key_ids: Collection[str]) -> frozenset[str]:
        raise TransientError(f"dynamodb:ledger: {sorted(access_key_ids)}")


@pytest.mark.parametrize(("deliveries", "evaluated"), [(1, 0), (3, 1)])
def test_without_the_ledger_a_message_is_evaluated_at_its_third_delivery(
    deliveries: int, evaluated: int
) -> None:
    recorder = Recorder()
    intake = replace(World().intake, ledger=UnreadableLedger())
    batch = SignalBatch(recorder, recorder.send, FakeDeadLetters(), lambda: 30, intake=intake)
    outcome = batch.process([Message(message_id="m1", body=of(GOOD), deliveries=deliveries)])
    assert (len(recorder.seen), len(outcome.failures)) == (evaluated, 1)
    assert outcome.to_retry == ([] if evaluated else ["m1"])


def test_what_could_not_be_read_counts_as_a_failure_though_it_was_alerted() -> None:
    world = World(iam=FakeIam(users={"alice": {GOOD: "Inactive"}}))
    world.trail.fails = True
    batch = SignalBatch(
        world.remediator.remediate, lambda _: True, FakeDeadLetters(), lambda: 30, intake=world.intake
    )
    outcome = batch.process([Message(message_id="m1", body=of(GOOD))])
    assert len(world.topic.alerts) == 1
    assert [str(failure) for failure in outcome.failures] == ["cloudtrail:LookupEvents: AccessDenied"]
    assert outcome.to_retry == []


def test_expired_tokens_of_pods_alert_nobody_however_many_there_are() -> None:
    identity = {"type": "WebIdentityUser", "principalId": "oidc:system:serviceaccount:web:app"}
    records = [
        a_record(
            None,
            userIdentity=identity,
            eventName="AssumeRoleWithWebIdentity",
            sourceIPAddress=f"10.0.0.{number}",
            errorCode="ExpiredTokenException",
            errorMessage="Token expired: current date/time 1704727025 must be before 1704574064",
        )
        for number in range(12)
    ]
    world = World()
    batch = SignalBatch(
        world.remediator.remediate, lambda _: True, FakeDeadLetters(), lambda: 30, intake=world.intake
    )
    outcome = batch.process(
        [Message(message_id=f"m{number}", body=an_event(record)) for number, record in enumerate(records)]
    )
    assert world.topic.alerts == []
    assert {finding.diagnosis.cause for finding in outcome.findings} == {Cause.NOT_A_KEY_FAILURE}


class ThrottledTrail(FakeTrail):
    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]:
        raise BusyError(f"cloudtrail:LookupEvents is throttled: {access_key_id}")


def test_a_throttled_history_is_no_failure_though_the_alert_says_that_it_was_not_read() -> None:
    world = World(iam=FakeIam(users={"alice": {GOOD: "Inactive"}}), trail=ThrottledTrail())
    batch = SignalBatch(
        world.remediator.remediate, lambda _: True, FakeDeadLetters(), lambda: 30, intake=world.intake
    )
    outcome = batch.process([Message(message_id="m1", body=of(GOOD))])
    assert (outcome.failures, outcome.to_retry) == ([], [])
    assert "Could not be read: who changed the key, and when" in world.topic.alerts[0].body


def of(key: str) -> str:
    return an_event(a_record(key))


def test_a_batch_is_one_group_a_key() -> None:
    recorder = Recorder()
    process(recorder, FakeDeadLetters(), of(GOOD), of(BAD), of(GOOD))
    assert [(s.key, s.count) for s in recorder.seen] == [(GOOD, 2), (BAD, 1)]


@pytest.mark.parametrize("error", [TransientError("throttled"), ZeroDivisionError("our own fault")])
def test_a_failure_returns_its_own_messages_and_the_others_are_processed(error: Exception) -> None:
    recorder = Recorder(error)
    outcome = process(recorder, FakeDeadLetters(), of(BAD), of(GOOD), of(BAD))
    assert outcome.to_retry == ["m0", "m2"]
    assert outcome.failures == [error]
    assert [s.key for s in recorder.seen] == [GOOD]


def test_a_busy_incident_is_tried_again_without_being_a_failure() -> None:
    outcome = process(Recorder(BusyError("in progress")), FakeDeadLetters(), of(BAD))
    assert (outcome.to_retry, outcome.failures) == (["m0"], [])


def test_a_body_that_is_no_event_goes_to_the_dead_letters_at_once_with_its_reason() -> None:
    recorder, dead_letters = Recorder(), FakeDeadLetters()
    outcome = process(recorder, dead_letters, "no JSON", of(GOOD))
    assert dead_letters.rejected == [("no JSON", "the body is not JSON")]
    assert outcome.to_retry == []
    assert len(recorder.seen) == 1


def test_a_permanent_error_later_on_rejects_every_message_of_its_key() -> None:
    dead_letters = FakeDeadLetters()
    outcome = process(Recorder(PermanentError("never")), dead_letters, of(BAD), of(BAD))
    assert [reason for _, reason in dead_letters.rejected] == ["never", "never"]
    assert outcome.to_retry == []


def test_what_cannot_be_rejected_stays_in_the_queue_and_is_a_failure() -> None:
    outcome = process(Recorder(), FakeDeadLetters(fails=True), "no JSON")
    assert outcome.to_retry == ["m0"]
    assert len(outcome.failures) == 1


def test_a_record_without_an_error_is_processed_silently() -> None:
    recorder = Recorder()
    outcome = process(recorder, FakeDeadLetters(), an_event(a_record(errorCode=None)))
    assert (outcome, recorder.seen) == (RemediationOutcome(), [])


def test_an_incident_is_not_begun_when_there_may_be_too_little_time_for_it() -> None:
    recorder, dead_letters = Recorder(), FakeDeadLetters()
    little = SECONDS_FOR_AN_INCIDENT - 1
    outcome = process(recorder, dead_letters, of(GOOD), "no JSON", of(BAD), seconds_left=little)
    assert (outcome.to_retry, outcome.failures, recorder.seen) == (["m0", "m2"], [], [])
    assert dead_letters.rejected == [("no JSON", "the body is not JSON")]


def test_a_notification_is_sent_and_a_signal_remediated() -> None:
    recorder = Recorder()
    outcome = process(
        recorder, FakeDeadLetters(), notification_body(a_notification(secret_name=GOOD_SECRET)), of(GOOD)
    )
    assert (recorder.sent, [s.key for s in recorder.seen]) == ([GOOD_SECRET], [GOOD])
    assert [notification.secret_name for notification in outcome.notifications] == [GOOD_SECRET]


@pytest.mark.parametrize(
    ("error", "failures"), [(TransientError("throttled"), 1), (BusyError("not yet"), 0)], ids=str
)
def test_a_notification_that_cannot_be_sent_is_retried_alone(error: Exception, failures: int) -> None:
    recorder = Recorder(error)
    bodies = [notification_body(a_notification(secret_name=name)) for name in (BAD_SECRET, GOOD_SECRET)]
    outcome = process(recorder, FakeDeadLetters(), *bodies)
    assert (outcome.to_retry, recorder.sent) == (["m0"], [GOOD_SECRET])
    assert len(outcome.failures) == failures


def test_a_notification_is_not_begun_without_the_time_to_finish_it() -> None:
    recorder = Recorder()
    outcome = process(recorder, FakeDeadLetters(), notification_body(a_notification()), seconds_left=1)
    assert (outcome.to_retry, recorder.sent) == (["m0"], [])
