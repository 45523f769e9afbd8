from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

READ = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
COUNTER = (
    "import boto3, os\n"
    "def handler(event, context):\n"
    "    count = str(len(event['Records']))\n"
    "    boto3.client('sqs').send_message(QueueUrl=os.environ['URL'], MessageBody=count)\n"
)


def test_publishing_to_an_encrypted_topic_needs_the_key(bench: Workbench) -> None:
    topic = bench.client("sns").create_topic(
        Name=bench.name("t"), Attributes={"KmsMasterKeyId": bench.kms_key()}
    )
    poor = bench.user(statement("sns:Publish"))
    rich = bench.user(statement(["sns:Publish", "kms:GenerateDataKey", "kms:Decrypt"]))
    message = {"TopicArn": topic["TopicArn"], "Message": "m"}
    with pytest.raises(ClientError, match=r"KMSAccessDenied.*kms:GenerateDataKey"):
        bench.session(bench.key(poor)).client("sns").publish(**message)
    assert bench.session(bench.key(rich)).client("sns").publish(**message)["MessageId"]


def test_sending_to_an_encrypted_queue_needs_the_key(bench: Workbench) -> None:
    url, _ = bench.queue(KmsMasterKeyId=bench.kms_key())
    poor = bench.user(statement("sqs:SendMessage"))
    with pytest.raises(ClientError, match=r"KMS\.AccessDenied"):
        bench.session(bench.key(poor)).client("sqs").send_message(QueueUrl=url, MessageBody="m")
    bench.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    assert bench.receive(url)


def send(bench: Workbench, url: str, messages: int) -> None:
    for first in range(0, messages, 10):
        entries = [
            {"Id": str(number), "MessageBody": "m"} for number in range(first, min(first + 10, messages))
        ]
        bench.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)


def mapping(bench: Workbench, source_arn: str, function: str, size: int) -> None:
    bench.client("lambda").create_event_source_mapping(
        EventSourceArn=source_arn, FunctionName=function, BatchSize=size, MaximumBatchingWindowInSeconds=1
    )


def test_a_batch_is_as_large_as_the_mapping_allows_and_waits_for_its_window(bench: Workbench) -> None:
    source, source_arn = bench.queue()
    result, result_arn = bench.queue()
    allowed = (statement(READ, source_arn), statement("sqs:SendMessage", result_arn))
    mapping(bench, source_arn, bench.function(COUNTER, *allowed, URL=result), 50)
    sent = time.monotonic()
    send(bench, source, 60)
    sizes: list[int] = []
    while sum(sizes) < 60 and time.monotonic() < sent + 8:
        sizes += [int(message["Body"]) for message in bench.receive(result, wait=1)]
    assert sorted(sizes) == [10, 50]
    assert time.monotonic() - sent > 1


def test_a_function_that_may_not_read_the_queue_gets_nothing(bench: Workbench) -> None:
    source, source_arn = bench.queue()
    result, result_arn = bench.queue()
    function = bench.function(COUNTER, statement("sqs:SendMessage", result_arn), URL=result)
    mapping(bench, source_arn, function, 10)
    send(bench, source, 1)
    assert bench.receive(result, wait=2) == []


def test_an_e_mail_subscription_waits_for_its_confirmation(bench: Workbench) -> None:
    sns = bench.client("sns")
    topic = sns.create_topic(Name=bench.name("topic"))["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert answer["SubscriptionArn"] == "pending confirmation"
    assert [subscription["SubscriptionArn"] for subscription in listed] == ["PendingConfirmation"]


def test_other_subscriptions_are_confirmed_at_once(bench: Workbench) -> None:
    sns = bench.client("sns")
    topic = sns.create_topic(Name=bench.name("topic"))["TopicArn"]
    url, arn = bench.open_queue("sns")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="m")
    assert json.loads(bench.receive(url)[0]["Body"])["Message"] == "m"
