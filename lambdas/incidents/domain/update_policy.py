"""News of an incident that goes on: what may be told now, and when to look again.

A new caller, a new region and a count that passed a threshold are told at once, but each kind no more than
once in `UpdatePolicy.update`; what came meanwhile is told in one alert when that time is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.decisions.domain.guardrails import Action
from lambdas.incidents.domain.incident import TriageState, UpdateKind
from lambdas.incidents.domain.reevaluation import JUDGED_ANEW_AFTER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from lambdas.aws.domain.iam import Caller
    from lambdas.incidents.domain.incident import Incident, ReportedState

# What is held back waits a little longer for other kinds that are held back too, to be told with them.
_FOLDED_WITHIN = 12  # a twelfth of the time between two updates
_TRY_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class UpdatePolicy:
    """`update` is the least time between two alerts of one kind of news, `digest` between an alert and the
    digest of what failed since. An unknown key is asked about once more after `recheck`; whether a new key
    is used, every `check`. An incident is over when it was `quiet` for so long, or nothing of what was
    foreseen has happened within `foresight`.
    """

    count_thresholds: tuple[int, ...]
    update: timedelta
    digest: timedelta
    recheck: timedelta
    check: timedelta
    quiet: timedelta
    foresight: timedelta


@dataclass(frozen=True, kw_only=True)
class PendingUpdate:
    """`passed` is the highest threshold that the count has passed since it was told, 0 for none."""

    callers: tuple[Caller, ...] = ()
    regions: tuple[str, ...] = ()
    passed: int = 0

    @property
    def kinds(self) -> tuple[UpdateKind, ...]:
        there = {
            UpdateKind.NEW_CALLER: self.callers,
            UpdateKind.NEW_REGION: self.regions,
            UpdateKind.COUNT_PASSED: self.passed,
        }
        return tuple(kind for kind, what in there.items() if what)

    def only(self, kinds: Collection[UpdateKind]) -> PendingUpdate:
        return PendingUpdate(
            callers=self.callers if UpdateKind.NEW_CALLER in kinds else (),
            regions=self.regions if UpdateKind.NEW_REGION in kinds else (),
            passed=self.passed if UpdateKind.COUNT_PASSED in kinds else 0,
        )


def untold(incident: Incident, pace: UpdatePolicy) -> PendingUpdate:
    told = incident.told
    passed = _highest_passed(incident.count, pace)
    return PendingUpdate(
        callers=tuple(caller for caller in incident.callers if caller not in told.callers),
        regions=tuple(region for region in incident.regions if region not in told.regions),
        passed=passed if passed > _highest_passed(told.count, pace) else 0,
    )


def news_to_tell(incident: Incident, pace: UpdatePolicy, now: datetime) -> PendingUpdate:
    """Without kinds where there is none, or where it has to wait."""
    if incident.standing is None or incident.foreseen:
        return PendingUpdate()
    news = untold(incident, pace)
    allowed = {kind: _allowed_at(incident.told, kind, pace) for kind in news.kinds}
    ready = [kind for kind, at in allowed.items() if at is None or at <= now]
    soon = now + pace.update / _FOLDED_WITHIN
    others_are_soon = any(at is not None and now < at <= soon for at in allowed.values())
    return PendingUpdate() if others_are_soon else news.only(ready)


def digest_is_due(incident: Incident, pace: UpdatePolicy, now: datetime) -> bool:
    """Calls have failed since the last alert, and that was long ago."""
    at = incident.told.alert_at
    grows = incident.attention is TriageState.ALERTED and incident.count > incident.told.alert_count
    return grows and at is not None and now >= at + pace.digest


def next_look(incident: Incident, pace: UpdatePolicy, now: datetime) -> datetime | None:
    """When something may be due of an incident that was just looked at; None when all of it was told. A
    repeat is one write, which moves no timer: so news is looked for when its time is over, whether there is
    any or not.
    """
    moments = [*_unsent(incident, now), *(() if incident.closed else _of_an_open(incident, pace, now))]
    return min((max(at, now) for at in moments), default=None)


def all_told(incident: Incident) -> ReportedState:
    """An alert that says all there is; it is no news of any kind, so that the first of each goes at once."""
    return replace(
        incident.told,
        count=incident.count,
        callers=frozenset(incident.callers),
        regions=frozenset(incident.regions),
    )


def news_told(incident: Incident, news: PendingUpdate, now: datetime) -> ReportedState:
    told = incident.told
    passed = UpdateKind.COUNT_PASSED in news.kinds
    return replace(
        told,
        count=incident.count if passed else told.count,
        callers=told.callers | frozenset(news.callers),
        regions=told.regions | frozenset(news.regions),
        kinds={**told.kinds, **dict.fromkeys(news.kinds, now)},
    )


def _unsent(incident: Incident, now: datetime) -> Iterator[datetime]:
    if not incident.outbox.is_empty:
        yield now + _TRY_AGAIN
    if incident.closed and not incident.ended:
        yield now


def _of_an_open(incident: Incident, pace: UpdatePolicy, now: datetime) -> Iterator[datetime]:
    if incident.open_until:
        yield incident.open_until
    if incident.recheck_at and not incident.rechecked:
        yield incident.recheck_at
    if incident.attention is TriageState.SUPPRESSED and incident.judged_at:
        yield from _not_yet(incident.judged_at + JUDGED_ANEW_AFTER, now)
    if news_to_tell(incident, pace, now).kinds:
        yield now
    for at in incident.told.kinds.values():
        yield from _not_yet(at + pace.update, now)
    if incident.told.alert_at:
        at = incident.told.alert_at + pace.digest
        yield at if at > now else now + pace.digest
    if awaits_a_new_key(incident):
        yield now + pace.check


def awaits_a_new_key(incident: Incident) -> bool:
    """Whether its end may be seen by the use of a new key, before it has been quiet for long enough. Of
    several callers any one may use it, and says nothing of the others.
    """
    rotates = incident.alerted_action in {Action.ROTATE, Action.FAIL_OVER}
    awaited = incident.rotation.succeeded if incident.rotation else rotates
    return awaited and len(incident.callers) <= 1


def _not_yet(at: datetime, now: datetime) -> Iterator[datetime]:
    if at > now:
        yield at


def _allowed_at(told: ReportedState, kind: UpdateKind, pace: UpdatePolicy) -> datetime | None:
    return told.kinds[kind] + pace.update if kind in told.kinds else None


def _highest_passed(count: int, pace: UpdatePolicy) -> int:
    return max((threshold for threshold in pace.count_thresholds if threshold <= count), default=0)
