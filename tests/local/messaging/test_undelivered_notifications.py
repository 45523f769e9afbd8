from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.local.workbench import Workbench


def failed(bench: Workbench, topic_name: str) -> float:
    now = datetime.now(UTC)
    answer = bench.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SNS",
        MetricName="NumberOfNotificationsFailed",
        Dimensions=[{"Name": "TopicName", "Value": topic_name}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


def publish(bench: Workbench, queue_arn: str, dead_letters_arn: str) -> str:
    sns: Any = bench.client("sns")
    name = bench.name("topic")
    topic = sns.create_topic(Name=name)["TopicArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead_letters_arn})
    attributes = {"RedrivePolicy": redrive}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes=attributes)
    sns.publish(TopicArn=topic, Message="m")
    return name


@pytest.mark.parametrize("open_to_sns", [True, False])
def test_what_a_queue_does_not_take_is_counted_and_sent_to_the_dead_letter_queue(
    bench: Workbench, open_to_sns: bool
) -> None:
    url, arn = bench.open_queue("sns") if open_to_sns else bench.queue()
    dead_letters_url, dead_letters_arn = bench.open_queue("sns")
    topic = publish(bench, arn, dead_letters_arn)
    received, dead = (len(bench.receive(queue)) for queue in (url, dead_letters_url))
    assert (received, dead, failed(bench, topic)) == ((1, 0, 0) if open_to_sns else (0, 1, 1))


def test_a_dead_letter_queue_that_does_not_let_sns_in_gets_nothing(bench: Workbench) -> None:
    dead_letters_url, dead_letters_arn = bench.queue()
    topic = publish(bench, f"{dead_letters_arn}-absent", dead_letters_arn)
    assert bench.receive(dead_letters_url) == []
    assert failed(bench, topic) == 1
