"""The account of the function under test: users with one key each, and the stack's resources."""

from __future__ import annotations

from dataclasses import dataclass

import boto3

from bench.events.full_ledger import fill_ledger
from bench.events.scenarios import KEYS_IN_THE_LEDGER_FOR_A_USER
from bench.moto.history import ACCOUNT
from bench.moto.tables import EXEMPTIONS, INCIDENTS, LEASES, LEDGER, create_tables
from lambdas.handlers.bootstrap.function_settings import RemediateSettings

_QUIET_SECONDS = 6 * 60 * 60
_RECHECK_SECONDS = 15 * 60
_PREDICTION_SECONDS = 14 * 24 * 60 * 60
_UPDATE_SECONDS = 60 * 60
_DIGEST_SECONDS = 24 * 60 * 60
_RETENTION_SECONDS = 90 * 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The test user has no key and is in the middle of the user list. The ledger is full of other keys."""

    settings: RemediateSettings
    users: int
    test_user: str


def deploy(users: int) -> Deployment:
    create_tables()
    fill_ledger(users * KEYS_IN_THE_LEDGER_FOR_A_USER)
    return Deployment(settings=_settings(), users=users, test_user=_create_users(users))


def _settings() -> RemediateSettings:
    return RemediateSettings(
        account=ACCOUNT,
        partition="aws",
        ledger_table_name=LEDGER,
        deployed_mode="notify",
        incident_table_name=INCIDENTS,
        lease_table_name=LEASES,
        exemption_table_name=EXEMPTIONS,
        alert_topic_arn=boto3.client("sns").create_topic(Name="Alerts")["TopicArn"],
        chat_topic_arn="",
        incident_bus_name=_create_bus("Incidents"),
        dead_letter_queue_url=boto3.client("sqs").create_queue(QueueName="DeadLetterQueue")["QueueUrl"],
        incident_quiet_seconds=_QUIET_SECONDS,
        incident_retention_seconds=_RETENTION_SECONDS,
        unknown_key_recheck_seconds=_RECHECK_SECONDS,
        prediction_window_seconds=_PREDICTION_SECONDS,
        alert_count_thresholds=(10, 100),
        alert_update_seconds=_UPDATE_SECONDS,
        alert_digest_seconds=_DIGEST_SECONDS,
        new_key_check_seconds=_RECHECK_SECONDS,
        regions=(),
        known_accounts={ACCOUNT: "production"},
        organization_accounts=frozenset(),
        contact_domains=frozenset(),
        runbook_url="",
        secret_prefix="access-keys/",  # noqa: S106 - the beginning of a name
        kill_switch_parameter="kill-switch",
        mode_parameter="mode",
        cooldown_seconds=3600,
        hourly_budget=10,
        user_hourly_budget=2,
        automations=(),
        backup_users={},
        rotate_whatever_switched_off=False,
        fail_over_function_name="FailOver",
        retirement_role_name="RetireKeysRole",
    )


def _create_bus(name: str) -> str:
    boto3.client("events").create_event_bus(Name=name)
    return name


def _create_users(users: int) -> str:
    iam = boto3.client("iam")
    names = [f"user-{number:04}" for number in range(users)]
    test_user = names[users // 2]
    for name in names:
        iam.create_user(UserName=name)
        if name != test_user:
            iam.create_access_key(UserName=name)
    return test_user
