"""What the function that gives a secret another key is told and may do, and who may ask it to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.functions.bundling import PYTHON_VERSION
from lambdas.handlers.bootstrap.fail_over_settings import FailOverSettings
from lambdas.handlers.bootstrap.remediate_settings import RemediateSettings
from lambdas.rotation.key_creator import MAX_RUN_TIME
from tests.infra.synthesis import (
    all_of_iam,
    arn,
    conditions,
    environment,
    grants,
    managed_secrets,
    named,
    of_type,
    ref,
    switch_arn,
)

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

ASKERS = ("Remediate", "AlertTimer")


def test_the_function_runs_a_current_python_on_arm(template: Json) -> None:
    _, function = named(template, "AWS::Lambda::Function", "FailOver")
    assert function["Runtime"] == f"python{PYTHON_VERSION}"
    assert function["Architectures"] == ["arm64"]
    assert (function["MemorySize"], function["Timeout"]) == (256, 20)
    assert function["Handler"] == "lambdas.handlers.fail_over.handler"
    assert function["Timeout"] < MAX_RUN_TIME.total_seconds()


def test_it_may_do_exactly_this_and_make_or_delete_no_key(template: Json) -> None:
    ledger = arn(named(template, "AWS::DynamoDB::Table", "Ledger")[0])
    log_group = arn(named(template, "AWS::Logs::LogGroup", "FailOver")[0])
    key = arn(named(template, "AWS::KMS::Key", "Key")[0])
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
    function_id, _ = named(template, "AWS::Lambda::Function", "FailOver")
    for asker in ASKERS:
        _, function = named(template, "AWS::Lambda::Function", asker)
        assert function["Environment"]["Variables"]["FAIL_OVER_FUNCTION_NAME"] == ref(function_id)
        assert RemediateSettings.from_env(environment(template, asker)).backup_users == {"ci": "ci-backup"}
