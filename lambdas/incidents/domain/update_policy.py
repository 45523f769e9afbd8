"""Updates of an open incident: which are due now, and when to follow up.

A new caller, a new region and a count that passed a threshold are reported at once, but each kind no more
than once in `UpdatePolicy.update`. What arrives meanwhile is reported in one alert afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import Caller
from lambdas.decisions.domain.guardrails import Action
from lambdas.incidents.domain.incident import Incident, ReportedState, TriageState, UpdateKind
from lambdas.incidents.domain.key_changes import held_changes_due_at
from lambdas.incidents.domain.reevaluation import reevaluated_after, retry_at

# A due update waits a little for other kinds that will be due soon, to be reported with them.
_MERGED_WITHIN = 12  # a twelfth of the time between two updates


@dataclass(frozen=True, kw_only=True)
class UpdatePolicy:
    count_thresholds: tuple[int, ...]
    update: timedelta  # minimum time between two updates of one kind
    digest: timedelta  # between the last alert and a digest of the failures since
    recheck: timedelta  # until an unknown key is looked up once more
    check: timedelta  # between two checks whether a new key is in use
    quiet: timedelta  # an incident closes after this time without a failure
    prediction_window: timedelta  # and a predicted one, that has no failure yet, after this time


@dataclass(frozen=True, kw_only=True)
class PendingUpdate:
    callers: tuple[Caller, ...] = ()
    regions: tuple[str, ...] = ()
    passed: int = 0  # the highest threshold that the count has passed, 0 for none

    @property
    def kinds(self) -> tuple[UpdateKind, ...]:
        found = {
            UpdateKind.NEW_CALLER: self.callers,
            UpdateKind.NEW_REGION: self.regions,
            UpdateKind.COUNT_PASSED: self.passed,
        }
        return tuple(kind for kind, value in found.items() if value)

    def only(self, kinds: Collection[UpdateKind]) -> PendingUpdate:
        return PendingUpdate(
            callers=self.callers if UpdateKind.NEW_CALLER in kinds else (),
            regions=self.regions if UpdateKind.NEW_REGION in kinds else (),
            passed=self.passed if UpdateKind.COUNT_PASSED in kinds else 0,
        )


def pending_update(incident: Incident, policy: UpdatePolicy) -> PendingUpdate:
    """What was not reported yet, due or not."""
    reported = incident.reported
    passed = _highest_passed(incident.count, policy)
    return PendingUpdate(
        callers=tuple(caller for caller in incident.callers if caller not in reported.callers),
        regions=tuple(region for region in incident.regions if region not in reported.regions),
        passed=passed if passed > _highest_passed(reported.count, policy) else 0,
    )


def due_update(incident: Incident, policy: UpdatePolicy, now: datetime) -> PendingUpdate:
    """Without kinds if nothing is due."""
    if incident.latest is None or incident.awaits_first_failure:
        return PendingUpdate()
    pending, last = pending_update(incident, policy), incident.reported.updated_at
    allowed_at = {kind: last[kind] + policy.update for kind in pending.kinds if kind in last}
    soon = now + policy.update / _MERGED_WITHIN
    if any(now < at <= soon for at in allowed_at.values()):
        return PendingUpdate()
    return pending.only([kind for kind in pending.kinds if allowed_at.get(kind, now) <= now])


def digest_is_due(incident: Incident, policy: UpdatePolicy, now: datetime) -> bool:
    """Calls have failed since the last alert, which was long ago."""
    at = incident.reported.alert_at
    has_grown = incident.triage is TriageState.ALERTED and incident.count > incident.reported.alert_count
    return has_grown and at is not None and now >= at + policy.digest


def next_follow_up(incident: Incident, policy: UpdatePolicy, now: datetime) -> datetime | None:
    """When something may be due of an incident that was just processed; None if all of it was reported.

    A repeat is one write, which moves no timer: so the timer looks for updates as soon as one is allowed
    again, whether there is any or not.
    """
    open_ones = () if incident.closed else _while_open(incident, policy, now)
    return min((max(at, now) for at in (*_unsent(incident, now), *open_ones)), default=None)


def all_reported(incident: Incident) -> ReportedState:
    """After an alert that says all there is. As it is no update, the first update of each kind is not
    delayed.
    """
    return replace(
        incident.reported,
        count=incident.count,
        callers=frozenset(incident.callers),
        regions=frozenset(incident.regions),
    )


def update_reported(incident: Incident, update: PendingUpdate, now: datetime) -> ReportedState:
    reported = incident.reported
    return replace(
        reported,
        count=incident.count if update.passed else reported.count,
        callers=reported.callers | frozenset(update.callers),
        regions=reported.regions | frozenset(update.regions),
        updated_at={**reported.updated_at, **dict.fromkeys(update.kinds, now)},
    )


def update_postponed(incident: Incident, update: PendingUpdate, now: datetime) -> ReportedState:
    """As if it had been reported, but what is new is still to be reported then."""
    reported = incident.reported
    return replace(reported, updated_at={**reported.updated_at, **dict.fromkeys(update.kinds, now)})


def awaits_a_new_key(incident: Incident) -> bool:
    """Whether the use of a new key may resolve it, before it has been quiet for long enough. Of several
    callers any one may use that key, which says nothing of the others. One that reports further keys of its
    owner stays open for that.
    """
    if incident.rotation:
        is_awaited = incident.rotation.succeeded
    else:
        alerted = incident.alerted
        is_awaited = alerted is not None and alerted.action in {Action.ROTATE, Action.FAIL_OVER}
    return is_awaited and len(incident.callers) <= 1 and incident.reported.shared is None


def _unsent(incident: Incident, now: datetime) -> Iterator[datetime]:
    if not incident.outbox.is_empty:
        yield now  # the timer's next run tries again
    if incident.closed and not incident.closing_reported:
        yield now


def _while_open(incident: Incident, policy: UpdatePolicy, now: datetime) -> Iterator[datetime]:
    if at := _may_close_at(incident, now):
        yield at
    if incident.recheck_at and not incident.rechecked:
        yield incident.recheck_at
    if incident.latest and incident.triage is TriageState.SUPPRESSED:
        yield from _if_later(incident.latest.at + reevaluated_after(incident), now)
    if due_update(incident, policy, now).kinds:
        yield now
    shared = incident.reported.shared
    waiting = (retry_at(incident), held_changes_due_at(incident.reported), shared.until if shared else None)
    yield from filter(None, waiting)
    for at in incident.reported.updated_at.values():
        yield from _if_later(at + policy.update, now)
    if incident.reported.alert_at:
        at = incident.reported.alert_at + policy.digest
        yield at if at > now else now + policy.digest
    if awaits_a_new_key(incident):
        yield now + policy.check


def _may_close_at(incident: Incident, now: datetime) -> datetime | None:
    if incident.closed_by:
        return now
    return None if incident.exposes_secret else incident.open_until


def _if_later(at: datetime, now: datetime) -> Iterator[datetime]:
    if at > now:
        yield at


def _highest_passed(count: int, policy: UpdatePolicy) -> int:
    return max((threshold for threshold in policy.count_thresholds if threshold <= count), default=0)
