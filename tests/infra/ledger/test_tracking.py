"""The triggers, environments and permissions of the functions that maintain the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambdas.handlers.bootstrap.function_settings import SyncSettings, TrackSettings
from lambdas.ledger.adapters.ledger_items import OWNER_END_INDEX, OWNER_INDEX
from tests.infra.synthesis import (
    CONFIG,
    arn,
    arn_of,
    conditions,
    environment,
    grants,
    index_arn,
    item_conditions,
    items,
    named,
    ref,
)

if TYPE_CHECKING:
    from tests.infra.synthesis import Json


def test_records_of_key_changes_come_in_batches_that_may_fail_in_part(template: Json) -> None:
    queue_id, _ = named(template, "AWS::SQS::Queue", "KeyLifeCycle")
    function_id, _ = named(template, "AWS::Lambda::Function", "TrackKeys")
    _, trigger = named(template, "AWS::Lambda::EventSourceMapping", "TrackKeys")
    assert trigger == {
        "BatchSize": 100,
        "EventSourceArn": arn(queue_id),
        "FunctionName": ref(function_id),
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 1,
        "ScalingConfig": {"MaximumConcurrency": 2},
    }


def test_every_minute_a_sync_starts_if_one_is_due(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "SyncKeys")
    _, rule = named(template, "AWS::Events::Rule", "TrackingEveryMinute")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    (target,) = rule["Targets"]
    assert target["Arn"] == arn(function_id)
    assert target["Input"] == '{"onlyIfDue":true}'
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0}


def test_a_change_of_the_mode_starts_a_sync_of_every_user(template: Json) -> None:
    function_id, _ = named(template, "AWS::Lambda::Function", "SyncKeys")
    mode, _ = named(template, "AWS::SSM::Parameter", "Mode")
    _, rule = named(template, "AWS::Events::Rule", "TrackingModeTurned")
    assert rule["EventPattern"] == {
        "source": ["aws.ssm"],
        "account": [ref("AWS::AccountId")],
        "detail-type": ["Parameter Store Change"],
        "detail": {"name": [ref(mode)], "operation": ["Update"]},
    }
    (target,) = rule["Targets"]
    assert (target["Arn"], target["Input"]) == (arn(function_id), "{}")


def test_lambda_does_not_retry_a_failed_sync(template: Json) -> None:
    _, invoked = named(template, "AWS::Lambda::EventInvokeConfig", "SyncKeys")
    assert (invoked["MaximumRetryAttempts"], invoked["MaximumEventAgeInSeconds"]) == (0, 60)


def test_track_keys_may_do_exactly_this(template: Json) -> None:
    records = arn_of(template, "AWS::SQS::Queue", "KeyLifeCycle")
    signals = arn_of(template, "AWS::SQS::Queue", "Signals")
    dead_letters = arn_of(template, "AWS::SQS::Queue", "DeadLetters")
    enrolments = arn_of(template, "AWS::SQS::Queue", "Enrolments")
    ledger, _ = named(template, "AWS::DynamoDB::Table", "Ledger")
    log_group = arn_of(template, "AWS::Logs::LogGroup", "TrackKeys")
    assert grants(template, "TrackKeys") == {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "sqs:ChangeMessageVisibility": [records],
        "sqs:DeleteMessage": [records],
        "sqs:GetQueueAttributes": [records],
        "sqs:GetQueueUrl": [records],
        "sqs:ReceiveMessage": [records],
        "iam:GetAccessKeyLastUsed": ["*"],
        "iam:GetUser": ["*"],
        "iam:ListAccessKeys": ["*"],
        "dynamodb:GetItem": [arn(ledger)],
        "dynamodb:PutItem": [arn(ledger), arn(ledger)],
        "dynamodb:Query": [index_arn(ledger, OWNER_END_INDEX), index_arn(ledger, OWNER_INDEX)],
        "kms:Decrypt": [arn_of(template, "AWS::KMS::Key", "Key")],
        "sqs:SendMessage": [enrolments, dead_letters, signals],
    }


def test_sync_keys_may_do_exactly_this(template: Json) -> None:
    ledger, _ = named(template, "AWS::DynamoDB::Table", "Ledger")
    leases = arn_of(template, "AWS::DynamoDB::Table", "Leases")
    log_group = arn_of(template, "AWS::Logs::LogGroup", "SyncKeys")
    assert grants(template, "SyncKeys") == {
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
        "iam:GetAccessKeyLastUsed": ["*"],
        "iam:GetAccountAuthorizationDetails": ["*"],
        "iam:ListAccessKeys": ["*"],
        "dynamodb:GetItem": [arn(ledger), leases],
        "dynamodb:PutItem": [arn(ledger), arn(ledger), leases],
        "dynamodb:Scan": [arn(ledger)],
        "dynamodb:UpdateItem": [leases],
        "kms:Decrypt": [arn_of(template, "AWS::KMS::Key", "Key")],
        "sqs:SendMessage": [arn_of(template, "AWS::SQS::Queue", "Enrolments")],
    }


@pytest.mark.parametrize("name", ["TrackKeys", "SyncKeys"])
def test_who_keeps_the_ledger_writes_keys_and_users_and_no_state_of_a_rotation(
    template: Json, name: str
) -> None:
    no_colon = {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["*:*"]}}
    assert item_conditions(template, name, "Ledger")["dynamodb:PutItem"] == [no_colon, items("user:*")]


def test_track_keys_finds_by_the_owner_index_states_of_rotations_alone(template: Json) -> None:
    assert conditions(template, "TrackKeys")["dynamodb:Query"] == items("rotation:*")


def test_sync_keys_writes_its_own_position_alone(template: Json) -> None:
    found = item_conditions(template, "SyncKeys", "Leases")
    assert found == {f"dynamodb:{action}Item": [items("sync")] for action in ("Get", "Put", "Update")}


def test_the_environments_contain_all_settings_of_the_functions(template: Json) -> None:
    track = TrackSettings.from_env(environment(template, "TrackKeys"))
    assert track.prediction_window_seconds == CONFIG["predictionWindowSeconds"]
    assert track.deletion_grace_seconds == CONFIG["deletionGraceSeconds"]
    sync = SyncSettings.from_env(environment(template, "SyncKeys"))
    assert sync.sync_interval_seconds == CONFIG["syncIntervalSeconds"]
