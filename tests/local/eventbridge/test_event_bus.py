from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import eventually, statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

EVENTS = {"Service": "events.amazonaws.com"}
SEND = "sqs:SendMessage"


def put(bench: Workbench, source: str) -> None:
    entry = {"Source": source, "DetailType": "d", "Detail": "{}"}
    assert bench.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ("ENABLED", ["AssumeRole", "CreateQueue"]),
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", ["AssumeRole", "CreateQueue", "ListQueues"]),
        ("DISABLED", []),
    ],
)
def test_only_a_rule_that_asks_for_all_management_events_sees_the_reads(
    bench: Workbench, state: str, seen: list[str]
) -> None:
    user = bench.user(statement(["sqs:*", "sts:*"]))
    url = bench.events({"detail": {"userIdentity": {"userName": [user]}}}, state)
    mine = bench.session(bench.key(user))
    mine.client("sqs").list_queues()
    mine.client("sqs").create_queue(QueueName=bench.name("made"))
    with pytest.raises(ClientError, match="AssumeRole"):
        mine.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{bench.aws.account}:role/no", RoleSessionName="no"
        )
    eventually(lambda: len(bench.history("Username", user)) == 3)
    names = [json.loads(message["Body"])["detail"]["eventName"] for message in bench.receive(url, wait=0)]
    assert sorted(names) == seen


def test_nobody_may_put_events_in_the_name_of_aws(bench: Workbench) -> None:
    entry = {"Source": "aws.sts", "DetailType": "AWS API Call via CloudTrail", "Detail": "{}"}
    answer = bench.client("events").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_queue_whose_policy_lets_the_rule_in_gets_the_event(bench: Workbench) -> None:
    source = bench.name("source")
    url = bench.events({"source": [source]})
    put(bench, source)
    assert bench.event(url)["source"] == source


def test_an_event_for_a_closed_queue_is_a_dead_letter_that_says_why(bench: Workbench) -> None:
    source = bench.name("source")
    closed, closed_arn = bench.queue()
    dead, dead_arn = bench.open_queue("events")
    bench.rule({"source": [source]}, closed_arn, DeadLetterConfig={"Arn": dead_arn})
    put(bench, source)
    letter = bench.receive(dead)[0]
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert closed_arn in letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert bench.receive(closed, wait=0) == []


def test_an_event_for_which_the_dead_letter_queue_is_closed_too_is_lost_and_counted(bench: Workbench) -> None:
    source = bench.name("source")
    (_, closed_arn), (dead, dead_arn) = bench.queue(), bench.queue()
    rule = bench.rule({"source": [source]}, closed_arn, DeadLetterConfig={"Arn": dead_arn})
    put(bench, source)
    metrics = bench.client("cloudwatch").list_metrics(
        MetricName="InvocationsFailedToBeSentToDlq", Dimensions=[{"Name": "RuleName", "Value": rule}]
    )
    assert len(metrics["Metrics"]) == 1
    assert bench.receive(dead, wait=0) == []


def test_an_encrypted_queue_needs_a_key_that_eventbridge_may_use(bench: Workbench) -> None:
    source = bench.name("source")
    open_key = bench.kms_key(statement(["kms:GenerateDataKey", "kms:Decrypt"], Principal=EVENTS))
    for key in (open_key, bench.kms_key()):
        _, arn = bench.queue(statement(SEND, Principal=EVENTS), KmsMasterKeyId=key)
        bench.rule({"source": [source]}, arn)
    put(bench, source)
    queues = bench.client("sqs").list_queues()["QueueUrls"][-2:]
    assert [len(bench.receive(url, wait=0)) for url in queues] == [1, 0]


def test_a_function_needs_a_permission_for_the_rule(bench: Workbench) -> None:
    source = bench.name("source")
    url, queue_arn = bench.queue()
    code = (
        "import boto3, os\n"
        "def handler(event, context):\n"
        "    boto3.client('sqs').send_message(QueueUrl=os.environ['URL'], MessageBody='called')\n"
    )
    function = bench.function(code, statement(SEND, queue_arn), URL=url)
    arn = bench.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    bench.rule({"source": [source]}, arn)
    put(bench, source)
    assert bench.receive(url, wait=1) == []
    bench.client("lambda").add_permission(
        FunctionName=function, StatementId="s", Action="lambda:InvokeFunction", Principal=EVENTS["Service"]
    )
    put(bench, source)
    assert bench.receive(url)[0]["Body"] == "called"
