"""The environment, permissions and callers of the function that switches a secret to another key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.handlers.bootstrap.function_settings import FailOverSettings, RemediateSettings
from tests.infra.synthesis import (
    all_of_iam,
    arn,
    arn_of,
    conditions,
    environment,
    grants,
    items,
    managed_secrets,
    named,
    of_type,
    switch_arn,
)

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

CALLERS = ("Remediate", "AlertTimer")


def test_it_may_do_exactly_this_and_make_or_delete_no_key(template: Json) -> None:
    ledger = arn_of(template, "AWS::DynamoDB::Table", "Ledger")
    log_group = arn_of(template, "AWS::Logs::LogGroup", "FailOver")
    key = arn_of(template, "AWS::KMS::Key", "Key")
    assert grants(template, "FailOver") == {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "iam:GetUser": ["*"],
        "iam:ListAccessKeys": ["*"],
        "iam:ListAttachedUserPolicies": ["*"],
        "iam:SimulatePrincipalPolicy": [all_of_iam("user")],
        "dynamodb:GetItem": [ledger],
        "dynamodb:PutItem": [ledger],
        "kms:Decrypt": [key],
        "kms:GenerateDataKey": [key],
        "secretsmanager:DescribeSecret": [managed_secrets()],
        "secretsmanager:GetResourcePolicy": [managed_secrets()],
        "secretsmanager:GetSecretValue": [managed_secrets()],
        "secretsmanager:PutSecretValue": [managed_secrets()],
        "secretsmanager:UpdateSecretVersionStage": [managed_secrets()],
        "sqs:SendMessage": [arn_of(template, "AWS::SQS::Queue", "Signals")],
        "ssm:GetParameter": [switch_arn(template, "KillSwitch")],
    }


def test_of_the_ledger_it_writes_the_states_of_rotations_alone(template: Json) -> None:
    found = conditions(template, "FailOver")
    assert set(found) == {"dynamodb:PutItem", "kms:Decrypt", "kms:GenerateDataKey"}
    assert found["dynamodb:PutItem"] == items("rotation:*")


def test_only_the_functions_that_diagnose_may_invoke_it(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "FailOver")
    policies = of_type(template, "AWS::IAM::Policy")
    callers = [name for name, policy in policies.items() if str(arn(function_id)) in str(policy)]
    assert len(callers) == len(CALLERS)
    assert all(any(caller in name for name in callers) for caller in CALLERS)
    permissions = of_type(template, "AWS::Lambda::Permission").values()
    assert not [one for one in permissions if one["FunctionName"] == arn(function_id)]


def test_it_gets_the_backup_users_and_so_do_its_callers(template: Json) -> None:
    settings = FailOverSettings.from_env(environment(template, "FailOver"))
    assert (settings.secret_prefix, settings.grace_seconds) == ("keys/", 11)
    assert settings.backup_users == {"ci": "ci-backup"}
    for caller in CALLERS:
        assert RemediateSettings.from_env(environment(template, caller)).backup_users == {"ci": "ci-backup"}
