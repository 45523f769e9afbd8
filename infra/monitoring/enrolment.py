"""Alarms for the enrolment of users: its function fails, or users wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.detection.queues import MAX_RECEIVES

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sqs import Queue

    from infra.monitoring.alarms import Alarms


def watch_enrolment(alarms: Alarms, enrol_users: Function, queue: Queue) -> None:
    alarms.watch_function(
        enrol_users,
        "EnrolUsers",
        f"Affected users are retried up to {MAX_RECEIVES} times and then checked by the next ledger sync.",
    )
    alarms.watch_age(
        "LateEnrolments",
        queue,
        enrol_users,
        content="A user whose tags changed",
        consequence="The user is enrolled late, or its key is still rotated although it opted out.",
    )
