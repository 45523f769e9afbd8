from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.handlers.bootstrap.function_settings import TimerSettings
from tests.infra.synthesis import arn, environment, grants, named, ref

if TYPE_CHECKING:
    from tests.infra.synthesis import Json


def test_it_runs_every_minute_without_retries(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "AlertTimer")
    _, rule = named(template, "AWS::Events::Rule", "AlertTimer")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    (target,) = rule["Targets"]
    assert target["Arn"] == arn(function_id)
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0}
    assert "DeadLetterConfig" not in target


def test_lambda_does_not_retry_a_failed_run(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "AlertTimer")
    _, invoked = named(template, "AWS::Lambda::EventInvokeConfig", "AlertTimer")
    assert invoked == {
        "FunctionName": ref(function_id),
        "Qualifier": "$LATEST",
        "MaximumEventAgeInSeconds": 60,
        "MaximumRetryAttempts": 0,
    }


def test_the_schedule_alone_may_start_it(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "AlertTimer")
    rule_id, _ = named(template, "AWS::Events::Rule", "AlertTimer")
    _, permission = named(template, "AWS::Lambda::Permission", "AlertTimer")
    assert permission == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": arn(function_id),
        "Principal": "events.amazonaws.com",
        "SourceArn": arn(rule_id),
    }


def test_it_may_read_the_subscriptions_of_the_two_topics_for_people_and_report_to_both(
    template: Json,
) -> None:
    alerts, operations = (
        ref(named(template, "AWS::SNS::Topic", name)[0]) for name in ("Alerts", "Operations")
    )
    allowed = grants(template, "AlertTimer")
    assert allowed["sns:ListSubscriptionsByTopic"] == [alerts, operations]
    assert allowed["sns:Publish"] == [alerts, operations]
    settings = TimerSettings.from_env(environment(template, "AlertTimer"))
    assert settings.subscription_check_seconds == 7
    assert "sns:ListSubscriptionsByTopic" not in grants(template, "Remediate")


def test_the_deployed_subscriptions_are_stored_by_topic(template: Json) -> None:
    _, parameter = named(template, "AWS::SSM::Parameter", "Subscriptions")
    assert sorted(json.loads(parameter["Value"])["alerts"].values()) == [
        "email e***@example.com",
        "sqs alerts",
    ]
    assert [*json.loads(parameter["Value"])["operations"].values()] == ["https https://example.com/***"]
