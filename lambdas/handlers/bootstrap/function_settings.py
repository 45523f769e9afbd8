"""The environment variables of each function: infra/ writes them, and bootstrap reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.settings import Settings


@dataclass(frozen=True, kw_only=True)
class RemediateSettings(Settings):
    deployed_mode: str  # holds while the mode parameter does not say otherwise
    incident_table_name: str
    lease_table_name: str
    exemption_table_name: str
    alert_topic_arn: str
    chat_topic_arn: str  # empty where there is no chat
    incident_bus_name: str
    dead_letter_queue_url: str
    incident_quiet_seconds: int
    incident_retention_seconds: int
    unknown_key_recheck_seconds: int
    prediction_window_seconds: int
    alert_count_thresholds: tuple[int, ...]
    alert_update_seconds: int
    alert_digest_seconds: int
    new_key_check_seconds: int
    regions: tuple[str, ...]  # the monitored ones; empty if none was known at synthesis
    known_accounts: Mapping[str, str]  # names by account id
    organization_accounts: frozenset[str]
    contact_domains: frozenset[str]
    runbook_url: str  # empty where the documentation has no address
    secret_prefix: str
    kill_switch_parameter: str
    mode_parameter: str
    cooldown_seconds: int
    hourly_budget: int
    user_hourly_budget: int
    automations: tuple[str, ...]  # prefixes of principals whose deactivation of a key is not containment
    retirement_role_name: str  # to ask nobody about the keys that it retired
    backup_users: Mapping[str, str]  # backup user by user
    rotate_whatever_switched_off: bool
    fail_over_function_name: str


@dataclass(frozen=True, kw_only=True)
class TimerSettings(RemediateSettings):
    operations_topic_arn: str
    subscriptions_parameter: str
    subscription_check_seconds: int


@dataclass(frozen=True, kw_only=True)
class TrackSettings(Settings):
    signal_queue_url: str
    dead_letter_queue_url: str
    prediction_window_seconds: int
    deletion_grace_seconds: int
    rotation_role_name: str  # both roles: to recognise the remediator's own calls in records
    retirement_role_name: str
    enrolment_queue_url: str


@dataclass(frozen=True, kw_only=True)
class SyncSettings(Settings):
    lease_table_name: str
    sync_interval_seconds: int
    enrolment_queue_url: str


@dataclass(frozen=True, kw_only=True)
class EnrolSettings(Settings):
    lease_table_name: str
    enrolment_queue_url: str
    hourly_budget: int
    user_hourly_budget: int
    secret_prefix: str
    schedule_days: int
    users_read_own_secret: bool
    new_secret_tags: Mapping[str, str]
    rotation_function_arn: str
    managed_secret_key_arn: str
    adopted_key_arns: tuple[str, ...]
    kill_switch_parameter: str
    mode_parameter: str
    signal_queue_url: str
    dead_letter_queue_url: str


@dataclass(frozen=True, kw_only=True)
class RotateSettings(Settings):
    secret_prefix: str
    managed_secret_key_arn: str
    adopted_key_arns: tuple[str, ...]
    kill_switch_parameter: str
    rotation_role_name: str  # both roles: to recognise the remediator's own calls in records
    retirement_role_name: str
    grace_seconds: int
    quiet_seconds: int
    deletion_seconds: int
    unused_key_seconds: int
    signal_queue_url: str


@dataclass(frozen=True, kw_only=True)
class RetireSettings(RotateSettings):
    incident_table_name: str
    lease_table_name: str
    reactivate_on_failure: bool
    automations: tuple[str, ...]  # prefixes of principals whose deactivation of a key is not containment


@dataclass(frozen=True, kw_only=True)
class FailOverSettings(Settings):
    secret_prefix: str
    managed_secret_key_arn: str
    adopted_key_arns: tuple[str, ...]
    kill_switch_parameter: str
    grace_seconds: int
    backup_users: Mapping[str, str]
    signal_queue_url: str


@dataclass(frozen=True, kw_only=True)
class ReadLogsSettings(Settings):
    signal_queue_url: str


@dataclass(frozen=True, kw_only=True)
class SubscribeLogsSettings(Settings):
    log_groups: tuple[str, ...]
    log_filter_name: str
    read_logs_function_arn: str
