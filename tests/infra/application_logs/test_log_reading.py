"""The triggers, permissions and subscriptions of the functions that read the logs of applications."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from infra.config.config import Config
from lambdas.aws.domain.refusal_sentences import filter_pattern
from lambdas.handlers.bootstrap.function_settings import ReadLogsSettings, SubscribeLogsSettings
from tests.infra.synthesis import CONFIG, arn, arn_of, environment, grants, named, of_type, ref, synthesise

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

LOG_GROUPS = CONFIG["applicationLogs"]["logGroups"]


def log_group_arns() -> list[Json]:
    place = [":logs:", ref("AWS::Region"), ":", ref("AWS::AccountId")]
    arn_start = ["arn:", ref("AWS::Partition"), *place]
    return [{"Fn::Join": ["", [*arn_start, f":log-group:{name}:*"]]} for name in LOG_GROUPS]


def test_read_logs_may_only_send_to_the_signal_queue(template: Json) -> None:
    log_group = arn_of(template, "AWS::Logs::LogGroup", "ReadLogs")
    assert grants(template, "ReadLogs") == {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "sqs:SendMessage": [arn_of(template, "AWS::SQS::Queue", "Signals")],
    }


def test_subscribe_logs_may_only_change_filters_of_the_configured_log_groups(template: Json) -> None:
    log_group = arn_of(template, "AWS::Logs::LogGroup", "SubscribeLogs")
    assert grants(template, "SubscribeLogs") == {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "logs:DeleteSubscriptionFilter": log_group_arns(),
        "logs:PutSubscriptionFilter": log_group_arns(),
    }


def test_only_the_configured_log_groups_of_this_account_invoke_read_logs(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "ReadLogs")
    permissions = [
        each
        for each in of_type(template, "AWS::Lambda::Permission").values()
        if each["FunctionName"] == arn(function_id)
    ]
    assert [each["SourceArn"] for each in permissions] == log_group_arns()
    assert {json.dumps(each["SourceAccount"]) for each in permissions} == {json.dumps(ref("AWS::AccountId"))}
    assert {each["Principal"] for each in permissions} == {"logs.amazonaws.com"}


def test_a_deployment_asks_for_the_subscriptions_when_all_they_need_exists(template: Json) -> None:
    [(logical_id, subscriptions)] = of_type(template, "Custom::LogSubscriptions").items()
    function_id, _ = named(template, "AWS::Lambda::Function", "SubscribeLogs")
    assert subscriptions["ServiceToken"] == arn(function_id)
    assert (subscriptions["LogGroups"], subscriptions["FilterPattern"]) == (LOG_GROUPS, filter_pattern())
    needed = {*template["Resources"][logical_id]["DependsOn"]}
    permissions = of_type(template, "AWS::Lambda::Permission")
    assert {name for name in permissions if "ReadLogs" in name} <= needed
    assert named(template, "AWS::IAM::Policy", "SubscribeLogs")[0] in needed


def test_log_groups_that_come_later_are_found_every_hour(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "SubscribeLogs")
    _, rule = named(template, "AWS::Events::Rule", "LogReadingEveryHour")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 hour)", "ENABLED")
    assert [target["Arn"] for target in rule["Targets"]] == [arn(function_id)]


def test_the_environments_are_what_the_functions_read(template: Json) -> None:
    assert ReadLogsSettings.from_env(environment(template, "ReadLogs")).signal_queue_url == "made-up"
    settings = SubscribeLogsSettings.from_env(environment(template, "SubscribeLogs"))
    assert settings.log_groups == (*LOG_GROUPS,)


def test_without_log_groups_there_are_no_such_functions(tmp_path: Path) -> None:
    template = synthesise(Config(), tmp_path)
    assert not of_type(template, "Custom::LogSubscriptions")
    assert not [name for name in of_type(template, "AWS::Lambda::Function") if "Logs" in name]
