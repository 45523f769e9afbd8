from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.infra.synthesis import named, of_type, ref

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

ALARMS = {
    "DeadLetters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", ">=", 1),
    "LateSignals": ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", ">", 600),
    "UndeliveredEvents": ("AWS/Events", "FailedInvocations", "Sum", ">=", 1),
    "FunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "FailedRecords": ("AccessKeyRemediator", "FailedRecords", "Sum", ">=", 1),
    "Throttles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "TimerFunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "TimerThrottles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "TimerDidNotRun": ("AWS/Lambda", "Invocations", "Sum", "<", 1),
}
OPERATORS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
}
# For how long, and how often in a row, a metric is seen before its alarm; and what the alarm makes of none.
BY_THE_MINUTE = (60, 1, "notBreaching")
WHEN_MISSING = (300, 2, "breaching")


def alarm_named(template: Json, name: str) -> Json:
    return named(template, "AWS::CloudWatch::Alarm", f"Monitoring{name}")[1]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_watches_its_metric(template: Json, name: str) -> None:
    alarm = alarm_named(template, name)
    operator = OPERATORS[alarm["ComparisonOperator"]]
    assert ALARMS[name] == (
        alarm["Namespace"],
        alarm["MetricName"],
        alarm["Statistic"],
        operator,
        alarm["Threshold"],
    )


@pytest.mark.parametrize("name", ALARMS)
def test_without_data_every_alarm_rests_but_that_of_a_timer_that_does_not_run(
    template: Json, name: str
) -> None:
    alarm = alarm_named(template, name)
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (
        WHEN_MISSING if name == "TimerDidNotRun" else BY_THE_MINUTE
    )


@pytest.mark.parametrize(
    ("alarm_name", "dimension", "resource_type", "resource_name"),
    [
        ("FunctionErrors", "FunctionName", "AWS::Lambda::Function", "Remediate"),
        ("Throttles", "FunctionName", "AWS::Lambda::Function", "Remediate"),
        ("TimerFunctionErrors", "FunctionName", "AWS::Lambda::Function", "AlertTimer"),
        ("TimerThrottles", "FunctionName", "AWS::Lambda::Function", "AlertTimer"),
        ("TimerDidNotRun", "FunctionName", "AWS::Lambda::Function", "AlertTimer"),
        ("UndeliveredEvents", "RuleName", "AWS::Events::Rule", "RefusedCalls"),
    ],
)
def test_an_alarm_watches_its_own_resource(
    template: Json, alarm_name: str, dimension: str, resource_type: str, resource_name: str
) -> None:
    alarm = alarm_named(template, alarm_name)
    resource_id, _ = named(template, resource_type, resource_name)
    assert alarm["Dimensions"] == [{"Name": dimension, "Value": ref(resource_id)}]


@pytest.mark.parametrize(
    ("alarm_name", "queue_name"), [("DeadLetters", "DeadLetters"), ("LateSignals", "Signals")]
)
def test_an_alarm_watches_its_own_queue(template: Json, alarm_name: str, queue_name: str) -> None:
    alarm = alarm_named(template, alarm_name)
    queue_id, _ = named(template, "AWS::SQS::Queue", queue_name)
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue_id, "QueueName"]}}]


@pytest.mark.parametrize("function_name", ["Remediate", "AlertTimer"])
def test_failed_records_are_counted_for_the_service_by_its_powertools_name(
    template: Json, function_name: str
) -> None:
    alarm = alarm_named(template, "FailedRecords")
    _, function = named(template, "AWS::Lambda::Function", function_name)
    environment = function["Environment"]["Variables"]
    assert alarm["Namespace"] == environment["POWERTOOLS_METRICS_NAMESPACE"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": environment["POWERTOOLS_SERVICE_NAME"]}]


def test_every_alarm_goes_to_the_operations_topic(template: Json) -> None:
    topic_id, _ = named(template, "AWS::SNS::Topic", "Operations")
    alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
    assert len(alarms) == len(ALARMS)
    for alarm in alarms:
        assert alarm["AlarmActions"] == [ref(topic_id)]


def test_every_alarm_says_what_it_means_and_what_to_do(template: Json) -> None:
    for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
        assert 100 < len(json.dumps(alarm["AlarmDescription"])) < 1024, "CloudWatch takes 1,024 characters"
