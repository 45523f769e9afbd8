"""Reads what the rotation function logged for a secret: Secrets Manager has no reason for a failure."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment

ATTEMPTS = 3


def await_failures(it: EnrolledUser) -> set[str]:
    """The reasons, refusals among them, once all attempts have ended."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while len(found := _reasons(it)) < ATTEMPTS and time.monotonic() < deadline:
        time.sleep(0.3)
    assert len(found) == ATTEMPTS
    return set(found)


def log_of(deployment: Deployment, function_name: str) -> list[dict[str, Any]]:
    """The lines that the function itself has written."""
    return [entry for event in _events(deployment, function_name) if (entry := _entry(event["message"]))]


def _reasons(it: EnrolledUser) -> list[str]:
    entries = log_of(it.deployment, it.deployment.outputs["RotationFunctionArn"])
    return [entry["reason"] for entry in entries if "reason" in entry and it.secret in entry["secret"]]


def _events(deployment: Deployment, function_name: str) -> list[dict[str, Any]]:
    session: Any = deployment.aws.session()
    configuration = session.client("lambda").get_function_configuration(FunctionName=function_name)
    logs, group = session.client("logs"), configuration["LoggingConfig"]["LogGroup"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event for page in pages for event in page["events"]]


def _entry(line: str) -> dict[str, Any]:
    """Empty for a line that is not the function's own."""
    entry: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
    return entry
