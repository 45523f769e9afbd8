"""What the function that gives a secret another key is told and may do, and who may ask it to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.handlers.bootstrap.fail_over_settings import FailOverSettings
from lambdas.handlers.bootstrap.remediate_settings import RemediateSettings
from tests.infra.synthesis import (
    all_of_iam,
    arn,
    arn_of,
    conditions,
    environment,
    grants,
    managed_secrets,
    named,
    of_type,
    switch_arn,
)

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

ASKERS = ("Remediate", "AlertTimer")


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
        "ssm:GetParameter": [switch_arn(template, "KillSwitch")],
    }


def test_of_the_ledger_it_writes_the_states_of_rotations_alone(template: Json) -> None:
    found = conditions(template, "FailOver")
    assert set(found) == {"dynamodb:PutItem", "kms:Decrypt", "kms:GenerateDataKey"}
    assert found["dynamodb:PutItem"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["rotation:*"]}}


def test_only_those_who_diagnose_may_ask_it(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "FailOver")
    policies = of_type(template, "AWS::IAM::Policy")
    askers = [name for name, policy in policies.items() if str(arn(function_id)) in str(policy)]
    assert len(askers) == len(ASKERS)
    assert all(any(asker in name for name in askers) for asker in ASKERS)
    permissions = of_type(template, "AWS::Lambda::Permission").values()
    assert not [one for one in permissions if one["FunctionName"] == arn(function_id)]


def test_it_is_told_whose_backup_is_whose_and_its_askers_its_name(template: Json) -> None:
    settings = FailOverSettings.from_env(environment(template, "FailOver"))
    assert (settings.secret_prefix, settings.grace_seconds) == ("keys/", 11)
    assert settings.backup_users == {"ci": "ci-backup"}
    for asker in ASKERS:
        assert RemediateSettings.from_env(environment(template, asker)).backup_users == {"ci": "ci-backup"}
