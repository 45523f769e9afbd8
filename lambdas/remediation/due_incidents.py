"""A round of the alert timer: what has become due is worked off, each incident failing alone. Each round
also sees that IAM's look-ups still work, so that a permission taken away raises an alarm by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.errors import TransientError
from lambdas.remediation.follow_up import FollowUp
from lambdas.remediation.outcome import RemediationOutcome
from lambdas.remediation.signal_batch import SECONDS_FOR_AN_INCIDENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.incidents.domain.incident import IncidentRef
    from lambdas.remediation.pipeline import Remediator


@dataclass(frozen=True, kw_only=True)
class TimerRun(RemediationOutcome):
    """`overdue` is how long what was due longest had waited, zero where nothing was due."""

    overdue: timedelta = timedelta()


def process_due_incidents(remediator: Remediator, seconds_left: Callable[[], float]) -> TimerRun:
    """What fails, or there is no time for, stays due for a later round. Raises TransientError when what
    is due cannot be read.
    """
    waiting = list(remediator.incidents.due())
    now = remediator.clock()
    outcome = TimerRun(overdue=now - min((due.since for due in waiting), default=now))
    try:
        remediator.sources.probe_key.check_lookup_works()
    except TransientError as error:
        outcome.failures.append(error)
    aftercare = FollowUp(remediator=remediator)
    for due in waiting:
        if seconds_left() < SECONDS_FOR_AN_INCIDENT:
            break
        _look_after(aftercare, due.ref, outcome)
    return outcome


def _look_after(aftercare: FollowUp, ref: IncidentRef, outcome: RemediationOutcome) -> None:
    try:
        finding = aftercare.process(ref)
    except Exception as error:  # noqa: BLE001 -- reported in failures; the others must go on
        outcome.failures.append(error)
    else:
        outcome.findings.extend([finding] if finding else [])
