from __future__ import annotations

import pytest

from lambdas.handlers.bootstrap.function_settings import (
    EnrolSettings,
    FailOverSettings,
    RemediateSettings,
    RetireSettings,
    RotateSettings,
    SyncSettings,
    TrackSettings,
)
from lambdas.settings import Settings, SettingsError

REMEDIATE = RemediateSettings(
    account="123456789012",
    partition="aws",
    ledger_table_name="Ledger",
    deployed_mode="notify",
    incident_table_name="Incidents",
    lease_table_name="Leases",
    exemption_table_name="Exemptions",
    alert_topic_arn="arn:aws:sns:us-east-1:123456789012:Alerts",
    chat_topic_arn="",
    incident_bus_name="Bus",
    dead_letter_queue_url="https://example.invalid/queue",
    incident_quiet_seconds=21_600,
    incident_retention_seconds=7_776_000,
    unknown_key_recheck_seconds=900,
    prediction_window_seconds=1_209_600,
    alert_count_thresholds=(10, 100),
    alert_update_seconds=3_600,
    alert_digest_seconds=86_400,
    new_key_check_seconds=300,
    regions=("eu-central-1", "us-east-1"),
    known_accounts={"123456789012": "production"},
    organization_accounts=frozenset({"123456789012"}),
    contact_domains=frozenset({"example.com"}),
    runbook_url="https://wiki.example.com/keys/",
    secret_prefix="access-keys/",
    kill_switch_parameter="/access-key-remediator/Stack/kill-switch",
    mode_parameter="/access-key-remediator/Stack/mode",
    cooldown_seconds=3_600,
    hourly_budget=10,
    user_hourly_budget=2,
    automations=("assumed-role/KeyContainment/",),
    retirement_role_name="RetireKeysRole",
    backup_users={"ci": "ci-backup"},
    rotate_whatever_switched_off=False,
    fail_over_function_name="FailOver",
)
TRACK = TrackSettings(
    account="123456789012",
    partition="aws",
    ledger_table_name="Ledger",
    signal_queue_url="https://example.invalid/signals",
    dead_letter_queue_url="https://example.invalid/queue",
    prediction_window_seconds=1_209_600,
    deletion_grace_seconds=90,
    rotation_role_name="RotateKeyRole",
    retirement_role_name="RetireKeysRole",
    enrolment_queue_url="https://example.invalid/enrolments",
)
SYNC = SyncSettings(
    account="123456789012",
    partition="aws",
    ledger_table_name="Ledger",
    lease_table_name="Leases",
    sync_interval_seconds=86_400,
    enrolment_queue_url="https://example.invalid/enrolments",
)
ENROL = EnrolSettings(
    lease_table_name="Leases",
    enrolment_queue_url="https://sqs/enrolments",
    hourly_budget=10,
    user_hourly_budget=2,
    account="123456789012",
    partition="aws",
    ledger_table_name="Ledger",
    secret_prefix="access-keys/",
    schedule_days=90,
    users_read_own_secret=False,
    new_secret_tags={"cost-centre": "4711"},
    rotation_function_arn="arn:aws:lambda:us-east-1:123456789012:function:RotateKey",
    managed_secret_key_arn="arn:aws:kms:us-east-1:123456789012:key/1",
    adopted_key_arns=("arn:aws:kms:us-east-1:123456789012:key/2",),
    kill_switch_parameter="/access-key-remediator/Stack/kill-switch",
    mode_parameter="/access-key-remediator/Stack/mode",
    signal_queue_url="https://example.invalid/signals",
    dead_letter_queue_url="https://example.invalid/queue",
)
ROTATE = RotateSettings(
    account="123456789012",
    partition="aws",
    ledger_table_name="Ledger",
    managed_secret_key_arn="arn:aws:kms:us-east-1:123456789012:key/1",
    adopted_key_arns=("arn:aws:kms:us-east-1:123456789012:key/2",),
    secret_prefix="access-keys/",
    kill_switch_parameter="/access-key-remediator/Stack/kill-switch",
    rotation_role_name="RotateKeyRole",
    retirement_role_name="RetireKeysRole",
    grace_seconds=86_400,
    quiet_seconds=21_600,
    deletion_seconds=604_800,
    unused_key_seconds=2_592_000,
    signal_queue_url="https://example.invalid/signals",
)
RETIRE = RetireSettings(
    account="123456789012",
    partition="aws",
    ledger_table_name="Ledger",
    managed_secret_key_arn="arn:aws:kms:us-east-1:123456789012:key/1",
    adopted_key_arns=("arn:aws:kms:us-east-1:123456789012:key/2",),
    secret_prefix="access-keys/",
    kill_switch_parameter="/access-key-remediator/Stack/kill-switch",
    rotation_role_name="RotateKeyRole",
    retirement_role_name="RetireKeysRole",
    grace_seconds=86_400,
    quiet_seconds=21_600,
    deletion_seconds=604_800,
    unused_key_seconds=2_592_000,
    signal_queue_url="https://example.invalid/signals",
    incident_table_name="Incidents",
    lease_table_name="Leases",
    reactivate_on_failure=True,
    automations=("assumed-role/KeyContainment/",),
)
FAIL_OVER = FailOverSettings(
    signal_queue_url="https://example.invalid/signals",
    account="123456789012",
    partition="aws",
    ledger_table_name="Ledger",
    managed_secret_key_arn="arn:aws:kms:us-east-1:123456789012:key/1",
    adopted_key_arns=("arn:aws:kms:us-east-1:123456789012:key/2",),
    secret_prefix="access-keys/",
    kill_switch_parameter="/access-key-remediator/Stack/kill-switch",
    grace_seconds=86_400,
    backup_users={"ci": "ci-backup"},
)
ALL = (REMEDIATE, TRACK, SYNC, ENROL, ROTATE, RETIRE, FAIL_OVER)
EVERY_VARIABLE = [(settings, name) for settings in ALL for name in settings.to_env()]


@pytest.mark.parametrize("settings", ALL, ids=lambda settings: type(settings).__name__)
def test_settings_survive_the_environment(settings: Settings) -> None:
    assert type(settings).from_env(settings.to_env()) == settings


@pytest.mark.parametrize(("settings", "name"), EVERY_VARIABLE)
def test_a_missing_variable_is_named(settings: Settings, name: str) -> None:
    environ = settings.to_env()
    del environ[name]
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        type(settings).from_env(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INCIDENT_RETENTION_SECONDS", "soon"),
        ("KNOWN_ACCOUNTS", "{"),
        ("KNOWN_ACCOUNTS", "[]"),
        ("ORGANIZATION_ACCOUNTS", "{}"),
        ("REGIONS", "eu-central-1"),
        ("REGIONS", "[1]"),
        ("ALERT_COUNT_THRESHOLDS", '["10"]'),
        ("HOURLY_BUDGET", "true"),
        ("ROTATE_WHATEVER_SWITCHED_OFF", "True"),
        ("ROTATE_WHATEVER_SWITCHED_OFF", "1"),
    ],
)
def test_a_malformed_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be"):
        RemediateSettings.from_env(REMEDIATE.to_env() | {name: value})
