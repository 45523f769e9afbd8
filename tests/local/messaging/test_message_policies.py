"""Queues, topics and buses whose policy denies everybody but certain roles and resources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import policy, statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

SEND, PUBLISH, PUT = "sqs:SendMessage", "sns:Publish", "events:PutEvents"
SENDER = (
    "import boto3\n"
    "def handler(event, context):\n"
    "    boto3.client('sqs').send_message(QueueUrl=event['url'], MessageBody='m')\n"
)


def denial(action: str, arn: str, **allowed: list[str]) -> dict[str, Any]:
    """Denies the action to all but these values of condition keys of `aws:`."""
    keys = {f"aws:{name}": values for name, values in allowed.items()}
    condition = {"ArnNotLike": keys}
    return {**statement(action, arn, Principal="*", Condition=condition), "Effect": "Deny", "Sid": "s"}


def protect(bench: Workbench, url: str, *statements: dict[str, Any]) -> None:
    document = policy(*statements)
    bench.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})


def client_of(bench: Workbench, service: str, *statements: dict[str, Any]) -> tuple[Any, str]:
    """Of a new user, with its ARN."""
    user = bench.user(*statements)
    arn = f"arn:aws:iam::{bench.aws.account}:user/{user}"
    return bench.session(bench.key(user)).client(service), arn


def test_a_queue_that_denies_all_but_one_principal_takes_messages_of_no_other(bench: Workbench) -> None:
    (one, arn_of_one), (other, _) = (client_of(bench, "sqs", statement(SEND)) for _ in range(2))
    url, arn = bench.queue()
    protect(bench, url, denial(SEND, arn, PrincipalArn=[arn_of_one]))
    with pytest.raises(ClientError, match="AccessDenied"):
        other.send_message(QueueUrl=url, MessageBody="m")
    with pytest.raises(ClientError, match="AccessDenied"):
        other.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "m"}])
    one.send_message(QueueUrl=url, MessageBody="m")
    one.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "m"}])


def test_the_key_of_a_session_is_the_arn_of_its_role_with_the_path(bench: Workbench) -> None:
    url, arn = bench.queue()
    function = bench.function(SENDER, statement(SEND, arn))
    lambda_, iam = bench.client("lambda"), bench.client("iam")
    role = lambda_.get_function_configuration(FunctionName=function)["Role"]
    elsewhere = role.replace(":role/", ":role/platform/")
    event = json.dumps({"url": url})
    protect(bench, url, denial(SEND, arn, PrincipalArn=[elsewhere]))
    assert "FunctionError" in lambda_.invoke(FunctionName=function, Payload=event)
    protect(bench, url, denial(SEND, arn, PrincipalArn=[role]))
    assert "FunctionError" not in lambda_.invoke(FunctionName=function, Payload=event)
    assert iam.get_role(RoleName=role.rpartition("/")[2])["Role"]["Arn"] == role


def test_a_topic_that_denies_all_but_one_principal_takes_messages_of_no_other(bench: Workbench) -> None:
    (one, arn_of_one), (other, _) = (client_of(bench, "sns", statement(PUBLISH)) for _ in range(2))
    sns = bench.client("sns")
    topic = sns.create_topic(Name=bench.name("topic"))["TopicArn"]
    document = policy(denial(PUBLISH, topic, PrincipalArn=[arn_of_one]))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document)
    with pytest.raises(ClientError, match="AuthorizationError"):
        other.publish(TopicArn=topic, Message="m")
    with pytest.raises(ClientError, match="AuthorizationError"):
        other.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "m"}])
    one.publish(TopicArn=topic, Message="m")
    one.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "m"}])


def test_a_bus_that_denies_all_but_one_principal_takes_events_of_no_other(bench: Workbench) -> None:
    (one, arn_of_one), (other, _) = (client_of(bench, "events", statement(PUT)) for _ in range(2))
    name, arn = bench.bus()
    document = policy(denial(PUT, arn, PrincipalArn=[arn_of_one]))
    bench.client("events").put_permission(EventBusName=name, Policy=document)
    entry = {"EventBusName": name, "Source": "s", "DetailType": "d", "Detail": "{}"}
    with pytest.raises(ClientError, match="AccessDenied"):
        other.put_events(Entries=[entry])
    assert one.put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_a_queue_that_denies_all_but_one_rule_takes_events_of_no_other(bench: Workbench) -> None:
    source = bench.name("source")
    url, arn = bench.queue()
    rules = [bench.rule({"source": [source]}, arn) for _ in range(2)]
    arn_of_rule = bench.client("events").describe_rule(Name=rules[0])["Arn"]
    anybody = statement(SEND, arn, Principal={"Service": "events.amazonaws.com"})
    protect(
        bench,
        url,
        anybody,
        denial(SEND, arn, SourceArn=[arn_of_rule], PrincipalArn=["arn:aws:iam::*:role/r"]),
    )
    bench.client("events").put_events(Entries=[{"Source": source, "DetailType": "d", "Detail": "{}"}])
    assert len(bench.receive(url, wait=1)) == 1


def test_a_condition_tells_services_from_principals_that_sign(bench: Workbench) -> None:
    source = bench.name("source")
    url, arn = bench.open_queue("events")
    bench.rule({"source": [source]}, arn)
    user, _ = client_of(bench, "sqs", statement(SEND))
    open_to_events = statement(SEND, arn, Principal={"Service": "events.amazonaws.com"})
    services_only = {**statement(SEND, arn, Principal="*"), "Effect": "Deny"}
    services_only["Condition"] = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    protect(bench, url, open_to_events, services_only)
    with pytest.raises(ClientError, match="AccessDenied"):
        user.send_message(QueueUrl=url, MessageBody="m")
    bench.client("events").put_events(Entries=[{"Source": source, "DetailType": "d", "Detail": "{}"}])
    assert bench.receive(url, wait=1)


REDRIVE = [
    f"sqs:{name}"
    for name in ("StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
]


def dead_letter(bench: Workbench) -> tuple[tuple[str, str], tuple[str, str]]:
    """A queue and its dead-letter queue, which contains one message."""
    dead = bench.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead[1], "maxReceiveCount": 1})
    url, arn = bench.queue(RedrivePolicy=redrive, VisibilityTimeout="0")
    sqs = bench.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="failed")
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)
    return (url, arn), dead


def test_a_redrive_returns_a_dead_letter_to_its_queue(bench: Workbench) -> None:
    (url, _), (_, dead_arn) = dead_letter(bench)
    operator, _ = client_of(bench, "sqs", statement([*REDRIVE, SEND]))
    operator.start_message_move_task(SourceArn=dead_arn)
    assert [message["Body"] for message in bench.receive(url)] == ["failed"]


def test_a_redrive_needs_the_right_to_send_to_the_destination(bench: Workbench) -> None:
    (url, arn), (dead_url, dead_arn) = dead_letter(bench)
    operator, _ = client_of(bench, "sqs", statement([*REDRIVE, SEND]))
    protect(bench, url, denial(SEND, arn, PrincipalArn=["arn:aws:iam::*:role/operators"]))
    with pytest.raises(ClientError, match="AccessDenied"):
        operator.start_message_move_task(SourceArn=dead_arn, DestinationArn=arn)
    operator.start_message_move_task(SourceArn=dead_arn)
    assert [message["Body"] for message in bench.receive(dead_url)] == ["failed"]


def test_only_a_dead_letter_queue_can_be_redriven(bench: Workbench) -> None:
    _, arn = bench.queue()
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        bench.client("sqs").start_message_move_task(SourceArn=arn)
