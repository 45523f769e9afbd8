from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.workbench import eventually, statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}
FAILS = "def handler(event, context):\n    raise RuntimeError\n"
PRINT_METRIC = (
    "import json, time\n"
    "def handler(event, context):\n"
    "    metrics = [{'Name': 'Failures', 'Unit': 'Count'}]\n"
    "    directive = {'Namespace': 'Test', 'Dimensions': [['service']], 'Metrics': metrics}\n"
    "    aws = {'Timestamp': int(time.time() * 1000), 'CloudWatchMetrics': [directive]}\n"
    "    print(json.dumps({'_aws': aws, 'service': event['service'], 'Failures': [2.0]}))\n"
)


def topic(bench: Workbench, *, open_key: bool) -> tuple[str, str]:
    """An encrypted topic that alarms may publish to, and a queue that gets what it says."""
    use = statement(["kms:GenerateDataKey", "kms:Decrypt"], Principal=CLOUDWATCH)
    key = bench.kms_key(use) if open_key else bench.kms_key()
    sns = bench.client("sns")
    arn = sns.create_topic(Name=bench.name("operations"), Attributes={"KmsMasterKeyId": key})["TopicArn"]
    document = {"Version": "2012-10-17", "Statement": [statement("sns:Publish", arn, Principal=CLOUDWATCH)]}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(document))
    url, queue_arn = bench.open_queue("sns")
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)
    return arn, url


def alarm(bench: Workbench, topic_arn: str, **metric: Any) -> str:
    name = bench.name("alarm")
    bench.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        AlarmActions=[topic_arn],
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        **metric,
    )
    return name


def rung(bench: Workbench, url: str) -> str:
    message: dict[str, str] = json.loads(json.loads(bench.receive(url)[0]["Body"])["Message"])
    assert message["NewStateValue"] == "ALARM"
    return message["AlarmName"]


def state(bench: Workbench, name: str) -> str:
    alarms = bench.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    value: str = alarms[0]["StateValue"]
    return value


def dimension(name: str, value: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value}]


def test_a_metric_in_a_log_line_rings_the_alarm_on_exactly_its_dimensions(bench: Workbench) -> None:
    function = bench.function(PRINT_METRIC, statement("logs:*"))
    topic_arn, url = topic(bench, open_key=True)
    metric = {"Namespace": "Test", "MetricName": "Failures", "Statistic": "Sum"}
    mine = alarm(bench, topic_arn, **metric, Dimensions=dimension("service", "mine"))
    other = alarm(bench, topic_arn, **metric, Dimensions=dimension("service", "other"))
    bench.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"service": "mine"}))
    assert rung(bench, url) == mine
    assert state(bench, other) == "OK"


def test_a_waiting_message_rings_an_alarm_on_its_queue(bench: Workbench) -> None:
    dead, dead_arn = bench.queue()
    topic_arn, url = topic(bench, open_key=True)
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Statistic": "Maximum",
    }
    name = alarm(bench, topic_arn, **metric, Dimensions=dimension("QueueName", dead_arn.rpartition(":")[2]))
    bench.client("sqs").send_message(QueueUrl=dead, MessageBody="m")
    assert rung(bench, url) == name
    bench.receive(dead)
    assert eventually(lambda: state(bench, name) == "OK")


def test_a_message_that_was_received_three_times_has_no_age_any_more(bench: Workbench) -> None:
    url, arn = bench.queue()
    sqs, name = bench.client("sqs"), arn.rpartition(":")[2]
    # The metrics of queues are published for alarms.
    metric = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage", "Statistic": "Maximum"}
    alarm(bench, topic(bench, open_key=True)[0], **metric, Dimensions=dimension("QueueName", name))
    sqs.send_message(QueueUrl=url, MessageBody="m")
    assert eventually(lambda: latest_age(bench, name))
    for _ in range(3):
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, WaitTimeSeconds=1)
    assert eventually(lambda: latest_age(bench, name) == 0)


def latest_age(bench: Workbench, queue: str) -> float:
    now = datetime.now(UTC)
    answer = bench.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=dimension("QueueName", queue),
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        Statistics=["Maximum"],
    )
    return max((float(point["Maximum"]) for point in answer["Datapoints"]), default=0.0)


def test_a_crashed_function_rings_an_alarm_on_its_errors(bench: Workbench) -> None:
    function = bench.function(FAILS, statement("logs:*"))
    topic_arn, url = topic(bench, open_key=True)
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum"}
    name = alarm(bench, topic_arn, **metric, Dimensions=dimension("FunctionName", function))
    bench.client("lambda").invoke(FunctionName=function)
    assert rung(bench, url) == name


def counted(bench: Workbench, metric: str, function: str) -> float:
    now = datetime.now(UTC)
    answer = bench.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=dimension("FunctionName", function),
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in answer["Datapoints"])


@pytest.mark.parametrize("invoked", ["RequestResponse", "Event"])
def test_an_invocation_that_fails_counts_once_however_it_was_invoked(bench: Workbench, invoked: str) -> None:
    function = bench.function(FAILS, statement("logs:*"))
    bench.client("lambda").invoke(FunctionName=function, InvocationType=invoked)
    assert eventually(lambda: counted(bench, "Errors", function)) == 1
    assert counted(bench, "Invocations", function) == 1


def test_an_invocation_by_a_queue_counts_too(bench: Workbench) -> None:
    function = bench.function(FAILS, statement(["logs:*", "sqs:*"]))
    url, arn = bench.queue()
    bench.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=arn)
    bench.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    assert eventually(lambda: counted(bench, "Errors", function)) == 1


def test_an_invocation_by_a_rule_counts_too(bench: Workbench) -> None:
    function = bench.function("def handler(event, context):\n    pass\n", statement("logs:*"))
    functions = bench.client("lambda")
    arn = functions.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    functions.add_permission(
        FunctionName=function,
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    source = bench.name("source")
    bench.rule({"source": [source]}, arn)
    bench.client("events").put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": "{}"}])
    assert eventually(lambda: counted(bench, "Invocations", function)) == 1
    assert counted(bench, "Errors", function) == 0


def test_an_alarm_is_silent_where_the_topics_key_does_not_let_it_publish(bench: Workbench) -> None:
    topic_arn, url = topic(bench, open_key=False)
    metric = {"Namespace": "Test", "MetricName": bench.name("metric"), "Statistic": "Sum"}
    name = alarm(bench, topic_arn, **metric)
    data = [{"MetricName": metric["MetricName"], "Value": 1}]
    bench.client("cloudwatch").put_metric_data(Namespace="Test", MetricData=data)
    eventually(lambda: state(bench, name) == "ALARM")
    history = bench.client("cloudwatch").describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert bench.receive(url, wait=0) == []
    assert any("kms:GenerateDataKey" in item["HistoryData"] for item in history)
