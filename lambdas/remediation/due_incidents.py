"""A run of the alert timer: processes the due incidents, each failing alone.

Once an hour it also checks that IAM's look-ups still work, so that a missing permission raises an alarm by
itself. A failed check is repeated by each run, so the alarm rings on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from lambdas.errors import TransientError
from lambdas.remediation.follow_up import FollowUp
from lambdas.remediation.outcome import RemediationOutcome
from lambdas.remediation.pipeline import Remediator
from lambdas.remediation.signal_batch import SECONDS_FOR_AN_INCIDENT


@dataclass(frozen=True, kw_only=True)
class TimerRun(RemediationOutcome):
    overdue: timedelta = timedelta()  # how long the longest due incident has waited


def process_due_incidents(remediator: Remediator, seconds_left: Callable[[], float]) -> TimerRun:
    """An incident that fails, or for which no time is left, stays due. Raises TransientError when the due
    incidents cannot be read.
    """
    waiting = list(remediator.incidents.due())
    now = remediator.clock()
    outcome = TimerRun(overdue=now - min((due.since for due in waiting), default=now))
    try:
        remediator.gatherer.probe_key.check_lookup_works()
    except TransientError as error:
        outcome.failures.append(error)
    follow_up = FollowUp(remediator=remediator, report_failure=outcome.failures.append)
    for due in waiting:
        if seconds_left() < SECONDS_FOR_AN_INCIDENT:
            break
        try:
            finding = follow_up.process(due.ref)
        except Exception as error:  # noqa: BLE001 -- reported in failures; the others must go on
            outcome.failures.append(error)
        else:
            if finding:
                outcome.add(finding)
    return outcome
