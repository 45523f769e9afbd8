from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.synthesis import arn, arn_of, named, of_type

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

FED_BY: dict[str, set[str]] = {
    "Signals": {"RefusedCalls", "FailedRotations", "Reports"},
    "KeyLifeCycle": {"KeyLifeCycle", "ExposedKeys"},
    "DeadLetters": {"RefusedCalls", "FailedRotations", "KeyLifeCycle", "ExposedKeys", "Reports"},
    "Enrolments": set(),
}
PROCESSED_BY = {"Signals": "Remediate", "KeyLifeCycle": "TrackKeys", "Enrolments": "EnrolUsers"}


def test_every_queue_is_encrypted(template: Json) -> None:
    queues = of_type(template, "AWS::SQS::Queue").values()
    assert len(queues) == len(FED_BY) + 1, "and the dead-letter queue of the subscriptions"
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues)


@pytest.mark.parametrize("name", PROCESSED_BY)
def test_a_message_that_fails_ten_times_becomes_a_dead_letter_for_two_weeks(
    template: Json, name: str
) -> None:
    dead_letters_id, dead_letters = named(template, "AWS::SQS::Queue", "DeadLetters")
    _, queue = named(template, "AWS::SQS::Queue", name)
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": arn(dead_letters_id), "maxReceiveCount": 10}
    assert dead_letters["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


@pytest.mark.parametrize("name", PROCESSED_BY)
def test_a_message_stays_hidden_for_six_runs_of_the_function_and_its_batching_window(
    template: Json, name: str
) -> None:
    _, queue = named(template, "AWS::SQS::Queue", name)
    _, function = named(template, "AWS::Lambda::Function", PROCESSED_BY[name])
    _, trigger = named(template, "AWS::Lambda::EventSourceMapping", PROCESSED_BY[name])
    window = trigger["MaximumBatchingWindowInSeconds"]
    assert queue["VisibilityTimeout"] == 6 * function["Timeout"] + window


@pytest.mark.parametrize("name", FED_BY)
def test_a_queue_takes_messages_over_tls_only_and_from_its_rules_alone(template: Json, name: str) -> None:
    rules = [arn_of(template, "AWS::Events::Rule", rule) for rule in FED_BY[name]]
    queue_id, _ = named(template, "AWS::SQS::Queue", name)
    _, policy = named(template, "AWS::SQS::QueuePolicy", name)
    deny, _, *allowed = policy["PolicyDocument"]["Statement"]
    assert (deny["Effect"], deny["Action"]) == ("Deny", "sqs:*")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    for allow in allowed:
        assert (allow["Effect"], allow["Principal"]) == ("Allow", {"Service": "events.amazonaws.com"})
        assert allow["Action"] == "sqs:SendMessage"
        assert allow["Resource"] == arn(queue_id)
        assert sorted(map(str, allow["Condition"]["ArnEquals"]["aws:SourceArn"])) == sorted(map(str, rules))
    assert len(allowed) == bool(rules)


def test_the_queues_leave_a_new_account_enough_concurrency_for_everything_else(template: Json) -> None:
    quota, scheduled_and_rotating = 10, 3  # docs/deployment.md
    triggers = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    used = sum(trigger["ScalingConfig"]["MaximumConcurrency"] for trigger in triggers)
    assert used + scheduled_and_rotating <= quota
