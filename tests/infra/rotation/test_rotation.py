"""The environments, permissions and triggers of the functions that change keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from lambdas.handlers.bootstrap.function_settings import RetireSettings, RotateSettings
from lambdas.ledger.adapters.ledger_items import OWNER_INDEX
from tests.infra.synthesis import (
    all_of_iam,
    arn,
    arn_of,
    conditions,
    environment,
    grants,
    index_arn,
    item_conditions,
    items,
    managed_secrets,
    named,
    of_type,
    ref,
    switch_arn,
    synthesise,
    through,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

FUNCTIONS = ("RotateKey", "RetireKeys")


def test_secrets_manager_may_call_the_steps_for_secrets_of_this_account_only(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "RotateKey")
    _, permission = named(template, "AWS::Lambda::Permission", "RotateKey")
    assert permission == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": arn(function_id),
        "Principal": "secretsmanager.amazonaws.com",
        "SourceAccount": ref("AWS::AccountId"),
    }
    assert template["Outputs"]["RotationFunctionArn"]["Value"] == arn(function_id)


def test_keys_are_retired_every_hour_without_retries(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "RetireKeys")
    _, rule = named(template, "AWS::Events::Rule", "Retirement")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 hour)", "ENABLED")
    (target,) = rule["Targets"]
    assert target["Arn"] == arn(function_id)
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0}
    _, invoked = named(template, "AWS::Lambda::EventInvokeConfig", "RetireKeys")
    assert (invoked["MaximumRetryAttempts"], invoked["MaximumEventAgeInSeconds"]) == (0, 3600)


def owner_index(template: Json) -> Json:
    table_id, _ = named(template, "AWS::DynamoDB::Table", "Ledger")
    return index_arn(table_id, OWNER_INDEX)


def shared_grants(template: Json, name: str) -> dict[str, list[object]]:
    ledger = arn_of(template, "AWS::DynamoDB::Table", "Ledger")
    log_group = arn_of(template, "AWS::Logs::LogGroup", name)
    return {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "cloudtrail:LookupEvents": ["*"],
        "iam:GetAccessKeyLastUsed": ["*"],
        "iam:GetUser": ["*"],
        "iam:ListAccessKeys": ["*"],
        "iam:ListAttachedUserPolicies": ["*"],
        "iam:DeleteAccessKey": [all_of_iam("user")],
        "secretsmanager:DescribeSecret": [managed_secrets()],
        "secretsmanager:GetSecretValue": [managed_secrets()],
        "secretsmanager:UpdateSecretVersionStage": [managed_secrets()],
        "kms:Decrypt": [arn_of(template, "AWS::KMS::Key", "Key")],
        "dynamodb:GetItem": [ledger],
        "dynamodb:PutItem": [ledger],
        "dynamodb:Query": [owner_index(template)],
        "ssm:GetParameter": [switch_arn(template, "KillSwitch")],
        "sqs:SendMessage": [arn_of(template, "AWS::SQS::Queue", "Signals")],
    }


def test_rotate_key_may_do_exactly_this(template: Json) -> None:
    assert grants(template, "RotateKey") == {
        **shared_grants(template, "RotateKey"),
        "iam:CreateAccessKey": [all_of_iam("user")],
        "iam:SimulatePrincipalPolicy": [all_of_iam("user")],
        "secretsmanager:PutSecretValue": [managed_secrets()],
        "kms:GenerateDataKey": [arn_of(template, "AWS::KMS::Key", "Key")],
    }


def test_retire_keys_may_do_exactly_this(template: Json) -> None:
    ledger, leases = (arn_of(template, "AWS::DynamoDB::Table", name) for name in ("Ledger", "Leases"))
    assert grants(template, "RetireKeys") == {
        **shared_grants(template, "RetireKeys"),
        "dynamodb:GetItem": [ledger, ledger, leases],
        "dynamodb:PutItem": [ledger, leases],
        "iam:UpdateAccessKey": [all_of_iam("user")],
        "dynamodb:Scan": [arn_of(template, "AWS::DynamoDB::Table", "Ledger")],
        "dynamodb:Query": [
            arn_of(template, "AWS::DynamoDB::Table", "Incidents"),
            owner_index(template),
        ],
    }


def enrolled() -> Json:
    return {"StringLike": {"aws:ResourceTag/access-key-remediator:secret": "keys/*"}}


def test_rotate_key_changes_keys_of_enrolled_users_and_decrypts_through_their_keepers_only(
    template: Json,
) -> None:
    assert conditions(template, "RotateKey") == {
        "dynamodb:GetItem": items("rotation:*"),
        "dynamodb:PutItem": items("rotation:*"),
        "iam:CreateAccessKey": enrolled(),
        "iam:DeleteAccessKey": enrolled(),
        "kms:Decrypt": through("secretsmanager", "dynamodb"),
        "kms:GenerateDataKey": through("secretsmanager"),
    }


def test_retire_keys_changes_keys_of_enrolled_users_and_decrypts_through_their_keepers_only(
    template: Json,
) -> None:
    of_items = {"dynamodb:GetItem", "dynamodb:PutItem"}
    found = conditions(template, "RetireKeys").items()
    assert {action: condition for action, condition in found if action not in of_items} == {
        "iam:DeleteAccessKey": enrolled(),
        "iam:UpdateAccessKey": enrolled(),
        "kms:Decrypt": through("secretsmanager", "dynamodb"),
    }


def test_retire_keys_writes_the_states_of_rotations_and_its_position_and_reads_the_entries_of_keys(
    template: Json,
) -> None:
    assert item_conditions(template, "RetireKeys", "Ledger") == {
        "dynamodb:GetItem": [items("rotation:*"), items("AKIA*")],
        "dynamodb:PutItem": [items("rotation:*")],
        "dynamodb:Scan": [{}],
    }
    position = [items("retirement")]
    assert item_conditions(template, "RetireKeys", "Leases") == {
        "dynamodb:GetItem": position,
        "dynamodb:PutItem": position,
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_writes_tags_or_policies_by_which_it_could_enrol_anybody(
    template: Json, name: str
) -> None:
    writes = ("Tag", "Untag", "Attach", "PutUser", "PutRole", "CreateUser", "CreatePolicy", "PassRole")
    assert not [action for action in grants(template, name) if action.split(":")[1].startswith(writes)]


def test_only_the_functions_that_handle_keys_may_read_a_secret(template: Json) -> None:
    readers = {
        logical_id
        for logical_id, policy in of_type(template, "AWS::IAM::Policy").items()
        if "secretsmanager:GetSecretValue" in str(policy)
    }
    handlers = (*FUNCTIONS, "FailOver")
    assert len(readers) == len(handlers)
    assert all(any(name in reader for name in handlers) for reader in readers)


def test_the_environments_contain_all_settings_of_rotation_and_retirement(template: Json) -> None:
    rotate = RotateSettings.from_env(environment(template, "RotateKey"))
    retire = RetireSettings.from_env(environment(template, "RetireKeys"))
    for settings in (rotate, retire):
        assert settings.secret_prefix == "keys/"
        assert (settings.grace_seconds, settings.quiet_seconds) == (11, 12)
        assert (settings.deletion_seconds, settings.unused_key_seconds) == (13, 14)
    assert retire.reactivate_on_failure is True
    assert retire.automations == ("assumed-role/KeyContainment/",)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_role_names_in_the_environments_are_those_of_the_functions(template: Json, name: str) -> None:
    _, function = named(template, "AWS::Lambda::Function", name)
    assert function["Role"] == arn_of(template, "AWS::IAM::Role", name)


ADOPTED_KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
USES_OF_ADOPTED_KEYS = {
    "RotateKey": {"kms:Decrypt", "kms:GenerateDataKey"},
    "FailOver": {"kms:Decrypt", "kms:GenerateDataKey"},
    "RetireKeys": {"kms:Decrypt"},
    "EnrolUsers": set(),
}


def test_keys_of_adopted_secrets_may_be_used_through_secrets_manager_alone(tmp_path: Path) -> None:
    config = Config.from_context({"rotation": {"adoptedKeyArns": [ADOPTED_KEY]}})
    template = synthesise(config, tmp_path)
    for name, actions in USES_OF_ADOPTED_KEYS.items():
        granted = grants(template, name)
        assert {action for action, on in granted.items() if ADOPTED_KEY in on} == actions
        for action in actions:
            assert conditions(template, name)[action] == through("secretsmanager")
        assert json.loads(environment(template, name)["ADOPTED_KEY_ARNS"]) == [ADOPTED_KEY]
