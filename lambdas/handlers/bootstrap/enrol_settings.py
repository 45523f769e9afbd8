"""Settings of the `enrol_users` function."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.settings import Settings


@dataclass(frozen=True, kw_only=True)
class EnrolSettings(Settings):
    lease_table_name: str
    enrolment_queue_url: str
    hourly_budget: int
    secret_prefix: str
    schedule_days: int
    users_read_own_secret: bool
    rotation_function_arn: str
    managed_secret_key_arn: str
    kill_switch_parameter: str
    mode_parameter: str
    signal_queue_url: str
    dead_letter_queue_url: str
