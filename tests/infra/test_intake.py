from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.synthesis import arn, named, of_type

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

QUEUES = ("Signals", "DeadLetters")


def test_every_queue_is_encrypted(template: Json) -> None:
    queues = of_type(template, "AWS::SQS::Queue").values()
    assert len(queues) == len(QUEUES)
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues)


def test_a_signal_that_fails_five_times_becomes_a_dead_letter_for_two_weeks(template: Json) -> None:
    dead_letters_id, dead_letters = named(template, "AWS::SQS::Queue", "DeadLetters")
    _, signals = named(template, "AWS::SQS::Queue", "Signals")
    assert signals["RedrivePolicy"] == {"deadLetterTargetArn": arn(dead_letters_id), "maxReceiveCount": 5}
    assert dead_letters["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


def test_a_signal_stays_hidden_for_six_runs_of_the_function_and_its_batching_window(template: Json) -> None:
    _, signals = named(template, "AWS::SQS::Queue", "Signals")
    _, function = named(template, "AWS::Lambda::Function", "Remediate")
    _, trigger = named(template, "AWS::Lambda::EventSourceMapping", "Remediate")
    window = trigger["MaximumBatchingWindowInSeconds"]
    assert signals["VisibilityTimeout"] == 6 * function["Timeout"] + window == 181


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_takes_messages_over_tls_only_and_from_the_rule_alone(template: Json, name: str) -> None:
    rule_id, _ = named(template, "AWS::Events::Rule", "RefusedCalls")
    queue_id, _ = named(template, "AWS::SQS::Queue", name)
    _, policy = named(template, "AWS::SQS::QueuePolicy", name)
    deny, allow = policy["PolicyDocument"]["Statement"]
    assert (deny["Effect"], deny["Action"]) == ("Deny", "sqs:*")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (allow["Effect"], allow["Principal"]) == ("Allow", {"Service": "events.amazonaws.com"})
    assert "sqs:SendMessage" in allow["Action"]
    assert allow["Resource"] == arn(queue_id)
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": arn(rule_id)}}
