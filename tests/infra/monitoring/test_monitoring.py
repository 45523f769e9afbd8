from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from infra.config.config import MAX_SYNC_INTERVAL_SECONDS, Config
from infra.config.durations import DAY
from local.emulator.gaps.cloudwatch.evaluation import expression_of, metrics_of
from tests.infra.synthesis import HOME_STACK, OTHER_STACK, STACK, named, of_type, ref, synthesise

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

LATE = "(signals > 600) + (changes > 600) + (enrolments > 600)"
ERRING = "remediate + timer + track + sync + enrol + failover + readlogs + subscribelogs"
# What it watches, its condition, how many of the latest periods must breach, and the seconds of a period.
ALARMS = {
    "DeadLetters": ("ApproximateNumberOfMessagesVisible", ">= 1", (1, 1), 60),
    "LostEvents": ("rule1 + rule2 + rule3 + rule4 + rule5", ">= 1", (1, 1), 60),
    "LateMessages": (LATE, ">= 1", (1, 1), 60),
    "FunctionErrors": (ERRING, ">= 1", (2, 10), 60),
    "FailedRecords": ("FailedRecords", ">= 1", (2, 10), 60),
    "LateIncidents": ("OverdueSeconds", "> 600", (1, 1), 60),
    "FailedRotationSteps": ("FailedSteps", ">= 1", (2, 60), 60),
    "UnreadLogGroups": ("UnreadLogGroups", ">= 1", (1, 1), 3600),
    "SecretsLeft": ("SecretsLeft", ">= 1", (2, 3), 3600),
    "TimerDidNotRun": ("runs + 0 * always", "< 1", (2, 2), 300),
    "RetireKeysDidNotRun": ("runs - errors + 0 * always", "< 1", (2, 2), 3600),
    # two intervals of two hours and a half
    "SyncDidNotFinish": ("finished + 0 * always", "< 1", (5, 5), 3600),
}
OPERATORS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
}


def alarm_named(template: Json, name: str) -> Json:
    return named(template, "AWS::CloudWatch::Alarm", f"Monitoring{name}")[1]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_watches_its_metrics(template: Json, name: str) -> None:
    alarm = alarm_named(template, name)
    watched = alarm.get("MetricName") or expression_of(alarm)
    condition = f"{OPERATORS[alarm['ComparisonOperator']]} {alarm['Threshold']}"
    window = (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"])
    (period,) = {metric.period for metric in metrics_of(alarm).values()}
    assert ALARMS[name] == (watched, condition, window, period)
    assert alarm["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize(("interval", "hours"), [(1, 2), (DAY, 48), (MAX_SYNC_INTERVAL_SECONDS, 168)])
def test_a_sync_is_missed_after_two_intervals_which_cloudwatch_can_evaluate(
    tmp_path: Path, interval: int, hours: int
) -> None:
    template = synthesise(Config(sync_interval_seconds=interval), tmp_path)
    assert alarm_named(template, "SyncDidNotFinish")["EvaluationPeriods"] == hours
    assert hours <= 7 * 24


RULE, FUNCTION, QUEUE = "AWS::Events::Rule", "AWS::Lambda::Function", "AWS::SQS::Queue"
LOST = "AWS/Events InvocationsFailedToBeSentToDlq Sum"
ERRORS, RUNS = "AWS/Lambda Errors Sum", "AWS/Lambda Invocations Sum"
AGE = "AWS/SQS ApproximateAgeOfOldestMessage Maximum"
WAITING = "AWS/SQS ApproximateNumberOfMessagesVisible"


@pytest.mark.parametrize(
    ("alarm_name", "metric_id", "metric", "resource_type", "resource_name"),
    [
        ("DeadLetters", "metric", f"{WAITING} Maximum", QUEUE, "DeadLetters"),
        ("LostEvents", "rule1", LOST, RULE, "RefusedCalls"),
        ("LostEvents", "rule2", LOST, RULE, "FailedRotations"),
        ("LostEvents", "rule3", LOST, RULE, "KeyLifeCycle"),
        ("LostEvents", "rule4", LOST, RULE, "ExposedKeys"),
        ("LostEvents", "rule5", LOST, RULE, "Reports"),
        ("LateMessages", "signals", AGE, QUEUE, "Signals"),
        ("LateMessages", "changes", AGE, QUEUE, "KeyLifeCycle"),
        ("LateMessages", "enrolments", AGE, QUEUE, "Enrolments"),
        ("FunctionErrors", "remediate", ERRORS, FUNCTION, "Remediate"),
        ("FunctionErrors", "timer", ERRORS, FUNCTION, "AlertTimer"),
        ("FunctionErrors", "track", ERRORS, FUNCTION, "TrackKeys"),
        ("FunctionErrors", "sync", ERRORS, FUNCTION, "SyncKeys"),
        ("FunctionErrors", "enrol", ERRORS, FUNCTION, "EnrolUsers"),
        ("FunctionErrors", "failover", ERRORS, FUNCTION, "FailOver"),
        ("FunctionErrors", "readlogs", ERRORS, FUNCTION, "ReadLogs"),
        ("FunctionErrors", "subscribelogs", ERRORS, FUNCTION, "SubscribeLogs"),
        ("TimerDidNotRun", "runs", RUNS, FUNCTION, "AlertTimer"),
        ("TimerDidNotRun", "always", f"{WAITING} Maximum", QUEUE, "Signals"),
        ("RetireKeysDidNotRun", "runs", RUNS, FUNCTION, "RetireKeys"),
        ("RetireKeysDidNotRun", "errors", ERRORS, FUNCTION, "RetireKeys"),
        ("RetireKeysDidNotRun", "always", f"{WAITING} Maximum", QUEUE, "Signals"),
        ("SyncDidNotFinish", "always", f"{WAITING} Maximum", QUEUE, "Signals"),
    ],
)
def test_an_alarm_watches_its_own_resource(
    template: Json,
    alarm_name: str,
    metric_id: str,
    metric: str,
    resource_type: str,
    resource_name: str,
) -> None:
    watched = metrics_of(alarm_named(template, alarm_name))[metric_id]
    resource_id, _ = named(template, resource_type, resource_name)
    assert f"{watched.namespace} {watched.name} {watched.statistic}" == metric
    (dimension,) = json.loads(watched.dimensions)
    assert dimension["Value"] in (ref(resource_id), {"Fn::GetAtt": [resource_id, "QueueName"]})


def test_the_rules_of_the_bus_for_other_regions_are_watched_by_both_names(abroad: dict[str, Json]) -> None:
    main = abroad[STACK]
    bus_id, _ = named(main, "AWS::Events::EventBus", "Signals")
    watched = [
        json.loads(metric.dimensions) for metric in metrics_of(alarm_named(main, "LostEvents")).values()
    ]
    for rule in (
        "ForwardedRefusedCalls",
        "ForwardedReports",
        "ForwardedKeyLifeCycle",
        "ForwardedExposedKeys",
    ):
        assert named(main, RULE, rule)[1]["Name"] == rule
        assert [
            {"Name": "EventBusName", "Value": ref(bus_id)},
            {"Name": "RuleName", "Value": rule},
        ] in watched


@pytest.mark.parametrize("alarm_name", ["FailedRecords", "SecretsLeft", "SyncDidNotFinish", "LateIncidents"])
@pytest.mark.parametrize("function_name", ["Remediate", "AlertTimer", "TrackKeys", "RetireKeys", "SyncKeys"])
def test_alarms_on_own_metrics_use_the_names_of_powertools(
    template: Json, alarm_name: str, function_name: str
) -> None:
    watched = next(iter(metrics_of(alarm_named(template, alarm_name)).values()))
    _, function = named(template, FUNCTION, function_name)
    environment = function["Environment"]["Variables"]
    assert watched.namespace == environment["POWERTOOLS_METRICS_NAMESPACE"]
    service = {"Name": "service", "Value": environment["POWERTOOLS_SERVICE_NAME"]}
    assert json.loads(watched.dimensions) == [service]


def test_every_alarm_and_its_end_go_to_the_operations_topic_of_its_region(abroad: dict[str, Json]) -> None:
    for template in abroad.values():
        topic_id, _ = named(template, "AWS::SNS::Topic", "Operations")
        alarms = of_type(template, "AWS::CloudWatch::Alarm").items()
        for alarm in (alarm for name, alarm in alarms if not name.startswith("OperationsDelivery")):
            assert alarm["AlarmActions"] == alarm["OKActions"] == [ref(topic_id)]


def test_every_alarm_says_what_it_means_and_what_to_do(abroad: dict[str, Json]) -> None:
    for template in abroad.values():
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
            assert 100 < len(json.dumps(alarm["AlarmDescription"])) < 1024, (
                "CloudWatch takes 1,024 characters"
            )


@pytest.mark.parametrize(
    ("alarm_name", "function_name"),
    [
        ("FailedRecords", "Remediate"),
        ("FailedRecords", "AlertTimer"),
        ("FailedRecords", "TrackKeys"),
        ("FailedRecords", "EnrolUsers"),
        ("SecretsLeft", "RetireKeys"),
        ("FunctionErrors", "Remediate"),
        ("FunctionErrors", "FailOver"),
        ("FunctionErrors", "ReadLogs"),
        ("UnreadLogGroups", "SubscribeLogs"),
    ],
)
def test_an_alarm_names_every_function_that_it_watches(
    template: Json, alarm_name: str, function_name: str
) -> None:
    function_id, _ = named(template, FUNCTION, function_name)
    assert function_id in json.dumps(alarm_named(template, alarm_name)["AlarmDescription"])


def test_each_region_has_alarms_for_what_its_rules_could_not_deliver(abroad: dict[str, Json]) -> None:
    for stack, rules in ((HOME_STACK, 4), (OTHER_STACK, 2)):
        lost = metrics_of(alarm_named(abroad[stack], "LostEvents")).values()
        watched = [json.loads(metric.dimensions)[0]["Value"] for metric in lost]
        assert watched == [ref(rule) for rule in of_type(abroad[stack], RULE)]
        assert len(watched) == rules
        queue_id, _ = named(abroad[stack], QUEUE, "DeadLetters")
        (dimension,) = alarm_named(abroad[stack], "DeadLetters")["Dimensions"]
        assert dimension["Value"] == {"Fn::GetAtt": [queue_id, "QueueName"]}
