"""What the function finds in its account: users, each with a key, and what the stack gives the function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from bench.history import ACCOUNT
from lambdas.settings import RemediateSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_QUIET_SECONDS = 6 * 60 * 60
_RECHECK_SECONDS = 15 * 60
_RETENTION_SECONDS = 90 * 24 * 60 * 60
_TABLES = {"Incidents": ("accessKeyId", "openedAt"), "Leases": ("name",)}


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The test user has no key of its own; it stands in the middle of the list of users."""

    settings: RemediateSettings
    users: int
    test_user: str


def deploy(users: int) -> Deployment:
    dynamodb = boto3.client("dynamodb")
    for name, keys in _TABLES.items():
        _create_table(dynamodb, name, keys)
    return Deployment(settings=_settings(), users=users, test_user=_create_users(users))


def _settings() -> RemediateSettings:
    return RemediateSettings(
        account=ACCOUNT,
        partition="aws",
        stage_mode="notify",
        incident_table_name="Incidents",
        lease_table_name="Leases",
        alert_topic_arn=boto3.client("sns").create_topic(Name="Alerts")["TopicArn"],
        incident_bus_name=_create_bus("Incidents"),
        dead_letter_queue_url=boto3.client("sqs").create_queue(QueueName="DeadLetters")["QueueUrl"],
        incident_quiet_seconds=_QUIET_SECONDS,
        incident_retention_seconds=_RETENTION_SECONDS,
        unknown_key_recheck_seconds=_RECHECK_SECONDS,
        known_accounts={ACCOUNT: "production"},
        organization_accounts=frozenset(),
    )


def _create_bus(name: str) -> str:
    boto3.client("events").create_event_bus(Name=name)
    return name


def _create_table(dynamodb: DynamoDBClient, name: str, keys: tuple[str, ...]) -> None:
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[
            {"AttributeName": key, "KeyType": "RANGE" if place else "HASH"} for place, key in enumerate(keys)
        ],
    )


def _create_users(users: int) -> str:
    iam = boto3.client("iam")
    names = [f"user-{number:04}" for number in range(users)]
    test_user = names[users // 2]
    for name in names:
        iam.create_user(UserName=name)
        if name != test_user:
            iam.create_access_key(UserName=name)
    return test_user
