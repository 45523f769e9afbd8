"""Tells the operators that users who ask for it are no longer enrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.detection.queues import MAX_RECEIVES
from infra.monitoring.alarms import LATE_SECONDS

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sqs import Queue

    from infra.monitoring.alarms import Alarms


def watch_enrolment(alarms: Alarms, enrol_users: Function, queue: Queue) -> None:
    alarms.watch_function(
        enrol_users,
        "EnrolUsers",
        f"Its users are tried again, given up after {MAX_RECEIVES} times, looked at by the next sync.",
    )
    alarms.watch_age(
        "LateEnrolments",
        queue,
        f"A user whose tags were changed has waited {LATE_SECONDS} seconds in {queue.queue_name}, where "
        "seconds are normal: it is enrolled late, or goes on being rotated by a schedule that it has "
        f"given up. Look for errors and throttles of function {enrol_users.function_name}, and whether "
        "its trigger is enabled.",
    )
