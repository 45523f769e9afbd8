from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from infra.config.config import MAX_SYNC_INTERVAL_SECONDS, Config
from infra.config.durations import DAY
from tests.infra.synthesis import STACK, named, of_type, ref, synthesise

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

ALARMS = {
    "DeadLetters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", ">=", 1),
    "LateSignals": ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", ">", 600),
    "UndeliveredRefusedCalls": ("AWS/Events", "FailedInvocations", "Sum", ">=", 1),
    "UndeliveredFailedRotations": ("AWS/Events", "FailedInvocations", "Sum", ">=", 1),
    "UndeliveredKeyLifeCycle": ("AWS/Events", "FailedInvocations", "Sum", ">=", 1),
    "FunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "FailedRecords": ("AccessKeyRemediator", "FailedRecords", "Sum", ">=", 1),
    "Throttles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "TimerFunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "TimerThrottles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "TimerDidNotRun": ("AWS/Lambda", "Invocations", "Sum", "<", 1),
    "LateIncidents": ("AccessKeyRemediator", "OverdueSeconds", "Maximum", ">", 600),
    "LateLifeCycle": ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", ">", 600),
    "TrackKeysFunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "TrackKeysThrottles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "SyncKeysFunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "SyncKeysThrottles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "FailedRotationSteps": ("AccessKeyRemediator", "FailedSteps", "Sum", ">=", 1),
    "RotateKeyThrottles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "RetireKeysFunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "RetireKeysThrottles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "RetireKeysDidNotRun": ("AWS/Lambda", "Invocations", "Sum", "<", 1),
    "SecretsLeft": ("AccessKeyRemediator", "SecretsLeft", "Maximum", ">=", 1),
    "EnrolUsersFunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "EnrolUsersThrottles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "LateEnrolments": ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", ">", 600),
    "FailOverFunctionErrors": ("AWS/Lambda", "Errors", "Sum", ">=", 1),
    "FailOverThrottles": ("AWS/Lambda", "Throttles", "Sum", ">=", 1),
    "SyncDidNotFinish": ("AccessKeyRemediator", "SyncFinished", "Sum", "<", 1),
}
OPERATORS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
}
# For how long, and how often in a row, a metric is seen before its alarm; and what the alarm makes of none.
BY_THE_MINUTE = (60, 1, "notBreaching")
WHEN_MISSING = {
    "TimerDidNotRun": (300, 2, "breaching"),
    "SecretsLeft": (3600, 1, "notBreaching"),
    "RetireKeysDidNotRun": (3600, 2, "breaching"),
    "SyncDidNotFinish": (3600, 5, "breaching"),  # two intervals of two hours and a half
}


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
def test_missing_data_raises_only_the_alarms_for_what_did_not_happen(template: Json, name: str) -> None:
    alarm = alarm_named(template, name)
    seen = (alarm["Period"], alarm["EvaluationPeriods"], alarm["TreatMissingData"])
    assert seen == WHEN_MISSING.get(name, BY_THE_MINUTE)


@pytest.mark.parametrize(("interval", "hours"), [(1, 2), (DAY, 48), (MAX_SYNC_INTERVAL_SECONDS, 168)])
def test_a_sync_is_missed_after_two_intervals_which_cloudwatch_can_evaluate(
    tmp_path: Path, interval: int, hours: int
) -> None:
    template = synthesise(Config(sync_interval_seconds=interval), tmp_path)
    assert alarm_named(template, "SyncDidNotFinish")["EvaluationPeriods"] == hours
    assert hours <= 7 * 24


@pytest.mark.parametrize(
    ("alarm_name", "dimension", "resource_type", "resource_name"),
    [
        ("FunctionErrors", "FunctionName", "AWS::Lambda::Function", "Remediate"),
        ("Throttles", "FunctionName", "AWS::Lambda::Function", "Remediate"),
        ("TimerFunctionErrors", "FunctionName", "AWS::Lambda::Function", "AlertTimer"),
        ("TimerThrottles", "FunctionName", "AWS::Lambda::Function", "AlertTimer"),
        ("TimerDidNotRun", "FunctionName", "AWS::Lambda::Function", "AlertTimer"),
        ("TrackKeysFunctionErrors", "FunctionName", "AWS::Lambda::Function", "TrackKeys"),
        ("TrackKeysThrottles", "FunctionName", "AWS::Lambda::Function", "TrackKeys"),
        ("SyncKeysFunctionErrors", "FunctionName", "AWS::Lambda::Function", "SyncKeys"),
        ("SyncKeysThrottles", "FunctionName", "AWS::Lambda::Function", "SyncKeys"),
        ("RotateKeyThrottles", "FunctionName", "AWS::Lambda::Function", "RotateKey"),
        ("RetireKeysFunctionErrors", "FunctionName", "AWS::Lambda::Function", "RetireKeys"),
        ("RetireKeysThrottles", "FunctionName", "AWS::Lambda::Function", "RetireKeys"),
        ("RetireKeysDidNotRun", "FunctionName", "AWS::Lambda::Function", "RetireKeys"),
        ("FailOverFunctionErrors", "FunctionName", "AWS::Lambda::Function", "FailOver"),
        ("FailOverThrottles", "FunctionName", "AWS::Lambda::Function", "FailOver"),
        ("UndeliveredRefusedCalls", "RuleName", "AWS::Events::Rule", "RefusedCalls"),
        ("UndeliveredFailedRotations", "RuleName", "AWS::Events::Rule", "FailedRotations"),
        ("UndeliveredKeyLifeCycle", "RuleName", "AWS::Events::Rule", "KeyLifeCycle"),
    ],
)
def test_an_alarm_watches_its_own_resource(
    template: Json, alarm_name: str, dimension: str, resource_type: str, resource_name: str
) -> None:
    alarm = alarm_named(template, alarm_name)
    resource_id, _ = named(template, resource_type, resource_name)
    assert alarm["Dimensions"] == [{"Name": dimension, "Value": ref(resource_id)}]


@pytest.mark.parametrize(
    ("alarm_name", "queue_name"),
    [("DeadLetters", "DeadLetters"), ("LateSignals", "Signals"), ("LateLifeCycle", "KeyLifeCycle")],
)
def test_an_alarm_watches_its_own_queue(template: Json, alarm_name: str, queue_name: str) -> None:
    alarm = alarm_named(template, alarm_name)
    queue_id, _ = named(template, "AWS::SQS::Queue", queue_name)
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue_id, "QueueName"]}}]


@pytest.mark.parametrize("rule", ["ForwardedRefusedCalls", "ForwardedKeyLifeCycle"])
def test_a_rule_of_the_bus_for_other_regions_is_watched_by_both_names(
    abroad: dict[str, Json], rule: str
) -> None:
    main = abroad[STACK]
    bus_id, _ = named(main, "AWS::Events::EventBus", "Signals")
    assert named(main, "AWS::Events::Rule", rule)[1]["Name"] == rule
    assert alarm_named(main, f"Undelivered{rule}")["Dimensions"] == [
        {"Name": "EventBusName", "Value": ref(bus_id)},
        {"Name": "RuleName", "Value": rule},
    ]


@pytest.mark.parametrize(
    ("alarm_name", "function_name"),
    [
        ("FailedRecords", "Remediate"),
        ("FailedRecords", "AlertTimer"),
        ("FailedRecords", "TrackKeys"),
        ("FailedRecords", "RetireKeys"),
        ("FailedRecords", "EnrolUsers"),
        ("SecretsLeft", "RetireKeys"),
        ("SyncDidNotFinish", "SyncKeys"),
    ],
)
def test_alarms_on_own_metrics_use_the_names_of_powertools(
    template: Json, alarm_name: str, function_name: str
) -> None:
    alarm = alarm_named(template, alarm_name)
    _, function = named(template, "AWS::Lambda::Function", function_name)
    environment = function["Environment"]["Variables"]
    assert alarm["Namespace"] == environment["POWERTOOLS_METRICS_NAMESPACE"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": environment["POWERTOOLS_SERVICE_NAME"]}]


def test_every_alarm_and_its_end_go_to_the_operations_topic(template: Json) -> None:
    topic_id, _ = named(template, "AWS::SNS::Topic", "Operations")
    named_by_id = of_type(template, "AWS::CloudWatch::Alarm").items()
    alarms = [alarm for name, alarm in named_by_id if not name.startswith("OperationsDelivery")]
    assert len(alarms) == len(ALARMS) + 1, "and one for what the alert topic cannot deliver"
    for alarm in alarms:
        assert alarm["AlarmActions"] == alarm["OKActions"] == [ref(topic_id)]


def test_every_alarm_says_what_it_means_and_what_to_do(abroad: dict[str, Json]) -> None:
    for alarm in of_type(abroad[STACK], "AWS::CloudWatch::Alarm").values():
        assert 100 < len(json.dumps(alarm["AlarmDescription"])) < 1024, "CloudWatch takes 1,024 characters"


@pytest.mark.parametrize("counts", ["Remediate", "AlertTimer", "TrackKeys", "RetireKeys", "EnrolUsers"])
def test_the_alarm_of_failed_records_names_every_function_that_counts_them(
    template: Json, counts: str
) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", counts)
    assert function_id in json.dumps(alarm_named(template, "FailedRecords")["AlarmDescription"])
