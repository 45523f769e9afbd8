from __future__ import annotations

from typing import TYPE_CHECKING

from infra.bundling import PYTHON_VERSION
from lambdas.settings import RemediateSettings
from tests.infra.synthesis import CONFIG, arn, as_list, named, of_type, ref

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

USERS = {
    "Fn::Join": ["", ["arn:", ref("AWS::Partition"), ":iam::", ref("AWS::AccountId"), ":user/*"]],
}


def grants(template: Json) -> dict[str, list[object]]:
    """What the role may do: each action, and on what."""
    _, policy = named(template, "AWS::IAM::Policy", "Remediate")
    found: dict[str, list[object]] = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            found.setdefault(action, []).extend(as_list(statement["Resource"]))
    return found


def test_the_function_runs_a_current_python_on_arm(template: Json) -> None:
    _, function = named(template, "AWS::Lambda::Function", "Remediate")
    assert function["Runtime"] == f"python{PYTHON_VERSION}"
    assert function["Architectures"] == ["arm64"]
    assert (function["MemorySize"], function["Timeout"]) == (256, 30)
    assert function["Handler"] == "lambdas.handlers.remediate.handler"


def test_the_function_is_told_all_that_its_settings_ask_for(template: Json) -> None:
    _, function = named(template, "AWS::Lambda::Function", "Remediate")
    table_id, _ = named(template, "AWS::DynamoDB::Table", "Incidents")
    environment = function["Environment"]["Variables"]
    made_up = {name: value if isinstance(value, str) else "made-up" for name, value in environment.items()}
    settings = RemediateSettings.from_env(made_up)
    assert settings.stage_mode == CONFIG["mode"]
    assert settings.known_accounts == CONFIG["knownAccounts"]
    assert settings.incident_quiet_seconds == 21_600
    assert settings.incident_retention_seconds == CONFIG["incidentRetentionSeconds"]
    assert environment["ACCOUNT"] == ref("AWS::AccountId")
    assert environment["INCIDENT_TABLE_NAME"] == ref(table_id)
    assert environment["POWERTOOLS_SERVICE_NAME"] == "access-key-remediator"
    assert environment["POWERTOOLS_METRICS_NAMESPACE"] == "AccessKeyRemediator"


def test_signals_come_in_batches_that_may_fail_in_part(template: Json) -> None:
    signals_id, _ = named(template, "AWS::SQS::Queue", "Signals")
    function_id, _ = named(template, "AWS::Lambda::Function", "Remediate")
    _, trigger = named(template, "AWS::Lambda::EventSourceMapping", "Remediate")
    assert trigger == {
        "BatchSize": 100,
        "EventSourceArn": arn(signals_id),
        "FunctionName": ref(function_id),
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 1,
        "ScalingConfig": {"MaximumConcurrency": 5},
    }


def test_the_role_may_do_exactly_this(template: Json) -> None:
    signals = arn(named(template, "AWS::SQS::Queue", "Signals")[0])
    dead_letters = arn(named(template, "AWS::SQS::Queue", "DeadLetters")[0])
    incidents = arn(named(template, "AWS::DynamoDB::Table", "Incidents")[0])
    leases = arn(named(template, "AWS::DynamoDB::Table", "Leases")[0])
    key = arn(named(template, "AWS::KMS::Key", "Key")[0])
    log_group = arn(named(template, "AWS::Logs::LogGroup", "Remediate")[0])
    assert grants(template) == {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "sqs:ChangeMessageVisibility": [signals],
        "sqs:DeleteMessage": [signals],
        "sqs:GetQueueAttributes": [signals],
        "sqs:GetQueueUrl": [signals],
        "sqs:ReceiveMessage": [signals],
        "iam:ListUsers": [USERS],
        "iam:GetAccessKeyLastUsed": ["*"],
        "iam:GetUser": ["*"],
        "iam:ListAccessKeys": ["*"],
        "cloudtrail:LookupEvents": ["*"],
        "kms:Decrypt": [key],
        "kms:GenerateDataKey": [key],
        "dynamodb:Query": [incidents],
        "dynamodb:GetItem": [leases],
        "dynamodb:PutItem": [incidents, leases],
        "dynamodb:UpdateItem": [incidents],
        "sns:Publish": [ref(named(template, "AWS::SNS::Topic", "Alerts")[0])],
        "events:PutEvents": [arn(named(template, "AWS::Events::EventBus", "Incidents")[0])],
        "sqs:SendMessage": [dead_letters],
    }


def test_no_policy_names_an_action_by_a_wildcard(template: Json) -> None:
    assert not [action for action in grants(template) if "*" in action]
    assert not of_type(template, "AWS::IAM::ManagedPolicy")
    for role in of_type(template, "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role
        assert "Policies" not in role


def test_logs_are_kept_for_the_next_longer_period_that_cloudwatch_knows(template: Json) -> None:
    log_group_id, log_group = named(template, "AWS::Logs::LogGroup", "Remediate")
    _, function = named(template, "AWS::Lambda::Function", "Remediate")
    assert CONFIG["logRetentionSeconds"] == 24 * 60 * 60 + 1
    assert log_group["RetentionInDays"] == 3
    assert function["LoggingConfig"] == {"LogGroup": ref(log_group_id)}
