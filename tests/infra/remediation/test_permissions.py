"""The environments and permissions of `remediate` and `alert_timer`, shared and separate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.config.config import MAX_NAMES_BYTES, Config
from lambdas.handlers.bootstrap.function_settings import RemediateSettings
from lambdas.incidents.adapters.incident_table import DUE_INDEX
from lambdas.ledger.adapters.ledger_items import MIDDLE_INDEX, OWNER_END_INDEX, TAIL_INDEX
from tests.infra.synthesis import (
    CONFIG,
    STACK,
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
    synthesise_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

FUNCTIONS = ("Remediate", "AlertTimer")


def indexes_of(ledger: str) -> list[Json]:
    return [index_arn(ledger, name) for name in (MIDDLE_INDEX, OWNER_END_INDEX, TAIL_INDEX)]


def shared_grants(template: Json, function_name: str) -> dict[str, list[object]]:
    incidents = arn_of(template, "AWS::DynamoDB::Table", "Incidents")
    leases = arn_of(template, "AWS::DynamoDB::Table", "Leases")
    exemptions = arn_of(template, "AWS::DynamoDB::Table", "Exemptions")
    ledger, _ = named(template, "AWS::DynamoDB::Table", "Ledger")
    key = arn_of(template, "AWS::KMS::Key", "Key")
    log_group = arn_of(template, "AWS::Logs::LogGroup", function_name)
    return {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "iam:GetRole": [all_of_iam("role")],
        "iam:GetAccessKeyLastUsed": ["*"],
        "iam:GetUser": ["*"],
        "iam:ListAccessKeys": ["*"],
        "iam:ListAttachedUserPolicies": ["*"],
        "iam:ListUsers": ["*"],
        "sts:GetAccessKeyInfo": ["*"],
        "cloudtrail:LookupEvents": ["*"],
        "kms:Decrypt": [key],
        "kms:GenerateDataKey": [key],
        "dynamodb:Query": [*indexes_of(ledger), incidents],
        "dynamodb:GetItem": [leases, arn(ledger)],
        "dynamodb:BatchGetItem": [arn(ledger)],
        "dynamodb:PutItem": [leases],
        "dynamodb:UpdateItem": [leases, incidents],
        "dynamodb:Scan": [exemptions],
        "sns:Publish": [ref(named(template, "AWS::SNS::Topic", "Alerts")[0])],
        "events:PutEvents": [arn_of(template, "AWS::Events::EventBus", "Incidents")],
        "ssm:GetParameter": [switch_arn(template, "KillSwitch"), switch_arn(template, "Mode")],
        "secretsmanager:DescribeSecret": [managed_secrets()],
        "secretsmanager:RotateSecret": [managed_secrets()],
        "lambda:InvokeFunction": [
            arn_of(template, "AWS::Lambda::Function", name) for name in ("FailOver", "RotateKey")
        ],
    }


def test_remediate_may_do_exactly_this(template: Json) -> None:
    signals = arn_of(template, "AWS::SQS::Queue", "Signals")
    dead_letters = arn_of(template, "AWS::SQS::Queue", "DeadLetters")
    incidents = arn_of(template, "AWS::DynamoDB::Table", "Incidents")
    leases = arn_of(template, "AWS::DynamoDB::Table", "Leases")
    assert grants(template, "Remediate") == {
        **shared_grants(template, "Remediate"),
        "sqs:ChangeMessageVisibility": [signals],
        "sqs:DeleteMessage": [signals],
        "sqs:GetQueueAttributes": [signals],
        "sqs:GetQueueUrl": [signals],
        "sqs:ReceiveMessage": [signals],
        "dynamodb:PutItem": [leases, incidents],
        "sqs:SendMessage": [dead_letters],
    }


def test_the_alert_timer_may_do_exactly_this(template: Json) -> None:
    incidents, _ = named(template, "AWS::DynamoDB::Table", "Incidents")
    exemptions = arn_of(template, "AWS::DynamoDB::Table", "Exemptions")
    leases = arn_of(template, "AWS::DynamoDB::Table", "Leases")
    shared = shared_grants(template, "AlertTimer")
    topics = [ref(named(template, "AWS::SNS::Topic", name)[0]) for name in ("Alerts", "Operations")]
    assert grants(template, "AlertTimer") == {
        **shared,
        "sns:Publish": topics,
        "sns:ListSubscriptionsByTopic": topics,
        "ssm:GetParameter": [switch_arn(template, "Subscriptions"), *shared["ssm:GetParameter"]],
        "dynamodb:Query": [index_arn(incidents, DUE_INDEX), *shared["dynamodb:Query"]],
        "dynamodb:UpdateItem": [leases, exemptions, arn(incidents)],
    }


LEASES = (
    "probe-key",
    "alert-turns",
    "unknown-ids",
    "notification:*",
    "open:*",
    "rotations:*",
    "owner-alerts:*",
)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_of_the_lease_table_a_function_has_what_it_uses_alone(template: Json, name: str) -> None:
    check = ["subscription-check"] if name == "AlertTimer" else []
    found = item_conditions(template, name, "Leases")
    own = [items(*LEASES, *check)]
    assert found == {f"dynamodb:{action}Item": own for action in ("Get", "Put", "Update")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts_rotations_by_the_deployed_function_alone_and_changes_no_schedule(
    template: Json, name: str
) -> None:
    assert conditions(template, name)["secretsmanager:RotateSecret"] == {
        "StringEquals": {
            "secretsmanager:resource/AllowRotationLambdaArn": arn_of(
                template, "AWS::Lambda::Function", "RotateKey"
            )
        },
        "Null": {"secretsmanager:RotationLambdaARN": "true"},
        "BoolIfExists": {"secretsmanager:ModifyRotationRules": "false"},
    }


@pytest.mark.parametrize("function_name", FUNCTIONS)
def test_no_policy_names_an_action_by_a_wildcard(template: Json, function_name: str) -> None:
    assert not [action for action in grants(template, function_name) if "*" in action]


def test_no_role_has_any_other_policy(template: Json) -> None:
    functions = of_type(template, "AWS::Lambda::Function")
    assert len(of_type(template, "AWS::IAM::Policy")) == len(functions)
    assert not of_type(template, "AWS::IAM::ManagedPolicy")
    for role in of_type(template, "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role
        assert "Policies" not in role


@pytest.mark.parametrize("function_name", FUNCTIONS)
def test_the_environment_contains_all_settings_of_the_function(template: Json, function_name: str) -> None:
    _, function = named(template, "AWS::Lambda::Function", function_name)
    variables = function["Environment"]["Variables"]
    settings = RemediateSettings.from_env(environment(template, function_name))
    assert settings.deployed_mode == CONFIG["mode"]
    assert settings.known_accounts == CONFIG["knownAccounts"]
    assert settings.organization_accounts == {"210987654321", "012345678901"}
    assert settings.contact_domains == {"example.com"}
    assert settings.runbook_url == CONFIG["runbookUrl"]
    assert settings.incident_quiet_seconds == 21_600
    assert settings.incident_retention_seconds == CONFIG["incidentRetentionSeconds"]
    assert settings.prediction_window_seconds == CONFIG["predictionWindowSeconds"]
    assert settings.alert_count_thresholds == (2, 3)
    assert (settings.alert_update_seconds, settings.alert_digest_seconds) == (1, 2)
    assert settings.new_key_check_seconds == 4
    assert settings.regions == (), "no region was known"
    assert settings.secret_prefix == "keys/"
    assert (settings.cooldown_seconds, settings.hourly_budget) == (15, 16)
    assert settings.user_hourly_budget == 18
    assert settings.automations == ("assumed-role/KeyContainment/",)
    assert settings.backup_users == {"ci": "ci-backup"}
    assert settings.rotate_whatever_switched_off is True
    assert settings.unknown_key_recheck_seconds == CONFIG["unknownKeyRecheckSeconds"]
    assert variables["ACCOUNT"] == ref("AWS::AccountId")
    assert variables["POWERTOOLS_SERVICE_NAME"] == "access-key-remediator"
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "AccessKeyRemediator"


def test_all_the_names_that_may_be_configured_fit_into_an_environment(tmp_path: Path) -> None:
    """Lambda allows 4 KB. Values known only at deployment are ARNs, URLs or shorter names."""
    users = {f"user-{number}": "x" * 64 for number in range(25)}
    rotation = {"secretPrefix": "x" * 127 + "/", "backupUsers": users}
    config = Config.from_context({"chat": True, "rotation": rotation})
    template = synthesise_all(config, tmp_path, region="ap-southeast-1")[STACK]
    _, function = named(template, "AWS::Lambda::Function", "Remediate")
    sizes = {
        name: len(value) if isinstance(value, str) else 125 if name.endswith(("_ARN", "_URL")) else 70
        for name, value in function["Environment"]["Variables"].items()
    }
    assert 1900 < sizes["BACKUP_USERS"] <= MAX_NAMES_BYTES
    assert sum(len(name) + size for name, size in sizes.items()) < 4096


@pytest.mark.parametrize("function_name", FUNCTIONS)
def test_logs_are_kept_for_the_next_longer_period_that_cloudwatch_knows(
    template: Json, function_name: str
) -> None:
    log_group_id, log_group = named(template, "AWS::Logs::LogGroup", function_name)
    _, function = named(template, "AWS::Lambda::Function", function_name)
    assert CONFIG["logRetentionSeconds"] == 24 * 60 * 60 + 1
    assert log_group["RetentionInDays"] == 3
    assert function["LoggingConfig"] == {"LogGroup": ref(log_group_id)}
