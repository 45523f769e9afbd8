"""The Lambda functions of the stack, for its alarms and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function


@dataclass(frozen=True, kw_only=True)
class Functions:
    remediate: Function
    alert_timer: Function
    track_keys: Function
    sync_keys: Function
    rotate_key: Function
    retire_keys: Function
    enrol_users: Function
    fail_over: Function
