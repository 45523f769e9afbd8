"""Alerts of an incident whose key or diagnosis changed again: three an hour, because an owner can switch a
key off and on without end. The other changes are counted, and reported as one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from lambdas.incidents.domain.incident import ReportedState

MAX_ALERTS = 3
PERIOD = timedelta(hours=1)


def may_report_change(reported: ReportedState, now: datetime) -> bool:
    return len(_recent(reported, now)) < MAX_ALERTS


def change_reported(reported: ReportedState, now: datetime) -> ReportedState:
    """After an alert, which also says how many changes had none of their own."""
    return replace(reported, changes_at=(*_recent(reported, now), now), held_changes=0)


def change_held(reported: ReportedState) -> ReportedState:
    return replace(reported, held_changes=reported.held_changes + 1)


def held_changes_due_at(reported: ReportedState) -> datetime | None:
    """When the changes without an alert may be reported; None if there are none."""
    if not reported.held_changes or not reported.changes_at:
        return None
    return reported.changes_at[-MAX_ALERTS:][0] + PERIOD


def _recent(reported: ReportedState, now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in reported.changes_at if at > now - PERIOD)
