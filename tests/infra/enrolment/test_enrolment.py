"""The trigger, environment and permissions of the function that enrols users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from infra.enrolment.enrolment import BATCH_SIZE
from lambdas.handlers.bootstrap.function_settings import EnrolSettings
from tests.infra.synthesis import (
    STACK,
    arn,
    arn_of,
    conditions,
    environment,
    every_function,
    grants,
    items,
    managed_secrets,
    named,
    ref,
    switch_arn,
    synthesise,
    synthesise_all,
    through,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

OWNER = "access-key-remediator:user-id"


@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_lambda_does_not_stop_it_for_queueing_users_again(region: str | None, tmp_path: Path) -> None:
    assert enrol_users_in(region, tmp_path)["RecursiveLoop"] == "Allow"


@pytest.mark.parametrize("region", ["mx-central-1", "ap-southeast-6", "us-gov-west-1", "cn-north-1"])
def test_where_lambda_does_not_detect_loops_the_template_does_not_mention_them(
    region: str, tmp_path: Path
) -> None:
    assert "RecursiveLoop" not in enrol_users_in(region, tmp_path)


def enrol_users_in(region: str | None, outdir: Path) -> Json:
    main = synthesise_all(Config(), outdir, region=region)[STACK]
    return named(main, "AWS::Lambda::Function", "EnrolUsers")[1]


def test_users_come_in_batches_that_may_fail_in_part(template: Json) -> None:
    queue_id, _ = named(template, "AWS::SQS::Queue", "Enrolments")
    function_id, _ = named(template, "AWS::Lambda::Function", "EnrolUsers")
    _, trigger = named(template, "AWS::Lambda::EventSourceMapping", "EnrolUsers")
    assert trigger == {
        "BatchSize": BATCH_SIZE,
        "EventSourceArn": arn(queue_id),
        "FunctionName": ref(function_id),
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 1,
        "ScalingConfig": {"MaximumConcurrency": 2},
    }


def test_enrol_users_may_do_exactly_this(template: Json) -> None:
    enrolments = arn_of(template, "AWS::SQS::Queue", "Enrolments")
    signals = arn_of(template, "AWS::SQS::Queue", "Signals")
    dead_letters = arn_of(template, "AWS::SQS::Queue", "DeadLetters")
    ledger = arn_of(template, "AWS::DynamoDB::Table", "Ledger")
    leases = arn_of(template, "AWS::DynamoDB::Table", "Leases")
    log_group = arn_of(template, "AWS::Logs::LogGroup", "EnrolUsers")
    key = arn_of(template, "AWS::KMS::Key", "Key")
    assert grants(template, "EnrolUsers") == {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "sqs:ChangeMessageVisibility": [enrolments],
        "sqs:DeleteMessage": [enrolments],
        "sqs:GetQueueAttributes": [enrolments],
        "sqs:GetQueueUrl": [enrolments],
        "sqs:ReceiveMessage": [enrolments],
        "iam:GetUser": ["*"],
        "iam:ListAttachedUserPolicies": ["*"],
        "secretsmanager:CreateSecret": [managed_secrets()],
        "secretsmanager:TagResource": [managed_secrets()],
        "secretsmanager:DescribeSecret": [managed_secrets()],
        "secretsmanager:RotateSecret": [managed_secrets()],
        "secretsmanager:CancelRotateSecret": [managed_secrets()],
        "secretsmanager:GetResourcePolicy": [managed_secrets()],
        "lambda:InvokeFunction": [arn_of(template, "AWS::Lambda::Function", "RotateKey")],
        "lambda:GetFunctionConcurrency": [every_function()],
        "kms:Decrypt": [key],
        "kms:GenerateDataKey": [key],
        "ssm:GetParameter": [switch_arn(template, "KillSwitch"), switch_arn(template, "Mode")],
        "dynamodb:GetItem": [leases, ledger],
        "dynamodb:PutItem": [ledger],
        "dynamodb:UpdateItem": [leases],
        "sqs:SendMessage": [enrolments, dead_letters, signals],
    }


def test_it_names_the_owner_of_new_secrets_alone_and_writes_states_of_rotations_alone(template: Json) -> None:
    owner_alone = {
        "ForAllValues:StringEquals": {"aws:TagKeys": [OWNER]},
        "Null": {f"aws:RequestTag/{OWNER}": "false"},
    }
    owner_unchanged = {f"aws:ResourceTag/{OWNER}": f"${{aws:RequestTag/{OWNER}}}"}
    states, secrets = "rotation:*", "secret-of:*"
    budget, delayed = "rotations:*", "claim-later:*"
    assert conditions(template, "EnrolUsers") == {
        "secretsmanager:CreateSecret": owner_alone,
        "secretsmanager:RotateSecret": {
            "StringEquals": {
                "secretsmanager:RotationLambdaARN": arn_of(template, "AWS::Lambda::Function", "RotateKey")
            }
        },
        "secretsmanager:TagResource": owner_alone | {"StringEqualsIfExists": owner_unchanged},
        "dynamodb:GetItem": items(states, budget, secrets, delayed),
        "dynamodb:PutItem": items(states, secrets),
        "dynamodb:UpdateItem": items(budget, delayed),
        "kms:Decrypt": through("secretsmanager", "dynamodb"),
        "kms:GenerateDataKey": through("secretsmanager"),
    }


def test_new_secrets_may_have_the_tags_of_the_deployment_too(tmp_path: Path) -> None:
    config = {"tags": {"cost-centre": "4711"}, "rotation": {"secretTags": {"owner": "platform"}}}
    template = synthesise(Config.from_context(config), tmp_path)
    for action in ("CreateSecret", "TagResource"):
        condition = conditions(template, "EnrolUsers")[f"secretsmanager:{action}"]
        allowed = condition["ForAllValues:StringEquals"]["aws:TagKeys"]
        assert allowed == [OWNER, "cost-centre", "owner"]
    settings = EnrolSettings.from_env(environment(template, "EnrolUsers"))
    assert settings.new_secret_tags == {"cost-centre": "4711", "owner": "platform"}


def test_it_may_let_a_user_read_its_own_secret_only_where_the_deployer_wants_that(tmp_path: Path) -> None:
    template = synthesise(Config.from_context({"rotation": {"usersReadOwnSecret": True}}), tmp_path)
    policies = {action for action in grants(template, "EnrolUsers") if action.endswith("ResourcePolicy")}
    assert policies == {f"secretsmanager:{verb}ResourcePolicy" for verb in ("Get", "Put", "Delete")}
    public = {"Bool": {"secretsmanager:BlockPublicPolicy": "true"}}
    assert conditions(template, "EnrolUsers")["secretsmanager:PutResourcePolicy"] == public
    assert EnrolSettings.from_env(environment(template, "EnrolUsers")).users_read_own_secret is True


def test_the_environment_contains_all_settings_of_enrolment(template: Json) -> None:
    settings = EnrolSettings.from_env(environment(template, "EnrolUsers"))
    assert (settings.secret_prefix, settings.schedule_days) == ("keys/", 17)
    assert settings.users_read_own_secret is False
    assert (settings.hourly_budget, settings.user_hourly_budget) == (16, 18)


def test_it_gets_the_rotation_function_and_the_encryption_key(template: Json) -> None:
    variables = named(template, "AWS::Lambda::Function", "EnrolUsers")[1]["Environment"]["Variables"]
    rotate_key, _ = named(template, "AWS::Lambda::Function", "RotateKey")
    assert variables["ROTATION_FUNCTION_ARN"] == arn(rotate_key)
    assert variables["MANAGED_SECRET_KEY_ARN"] == arn_of(template, "AWS::KMS::Key", "Key")
