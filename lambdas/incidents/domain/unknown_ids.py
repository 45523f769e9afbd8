"""How many ids that the ledger does not know get an incident of their own, and how many alerts they cause.

A caller can send as many ids as it likes. So in any hour the first few get an incident each. Further ones of
the same source share one incident, and when many sources do so, all share one. Alerts of known keys,
predictions and closings are not counted here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.detection.domain.folding import (
    unknown_ids_of_all_sources,
    unknown_ids_of_source,
    unrelated_errors,
)

PERIOD = timedelta(hours=1)
_MAX_OPENED = 400  # of a day of 18 an hour: with the default quiet time an incident is over after 6 hours
MAX_ALERTS = 20  # about unknown ids, in a period
# Room is kept for what is more general: the incident of all sources is never without an alert.
_MAX_BEFORE_ALL_SOURCES = MAX_ALERTS - 2
MAX_INCIDENTS = 16  # of one id each
MAX_INCIDENTS_OF_A_SOURCE = 8
MAX_SILENT_INCIDENTS = 50  # of one id each, with an error that is not about a key: they cause no alert


@dataclass(frozen=True, kw_only=True)
class NewId:
    """An id that the ledger does not know and that has no open incident."""

    incident_key: str
    source: str  # of most of its calls
    is_silent: bool  # the errors are not about a key
    exposes_secret: bool = False  # it looks like a secret, so its alert matters more than those of ids


@dataclass(frozen=True, kw_only=True)
class Counted:
    """An incident that was opened for unknown ids, or an update of one. Both texts are digests, because a
    caller may have chosen long ones.
    """

    incident: str
    source: str  # empty unless the incident is of one id
    at: datetime


@dataclass(frozen=True, kw_only=True)
class UnknownIds:
    """What was counted in the last period, and what was opened before."""

    alerts: tuple[Counted, ...] = ()  # at most MAX_ALERTS
    silent: tuple[Counted, ...] = ()  # at most MAX_SILENT_INCIDENTS
    opened: tuple[str, ...] = ()  # the last incidents with alerts that may still be open, as digests

    def at(self, now: datetime) -> UnknownIds:
        """Without what is older than a period."""
        silent = _within_period(self.silent, now)
        return replace(self, alerts=_within_period(self.alerts, now), silent=silent)

    @property
    def is_full(self) -> bool:
        """Whether an id gets no incident of its own."""
        return len(self.alerts) >= MAX_INCIDENTS

    def may_be_open(self, incident_key: str) -> bool:
        """False for an incident that surely is not, so that in a flood only few have to be read."""
        digest = _digest(incident_key)
        return digest in self.opened or any(it.incident == digest for it in (*self.alerts, *self.silent))

    def with_id(self, new: NewId, account: str, now: datetime) -> tuple[str, UnknownIds]:
        """The key of the incident in which the id's calls are counted: its own, or that of a shared one."""
        own = Counted(incident=_digest(new.incident_key), source=_digest(new.source), at=now)
        if _has(self.alerts, own) or _has(self.silent, own):
            return new.incident_key, self
        if new.is_silent:
            if len(self.silent) >= MAX_SILENT_INCIDENTS:
                return unrelated_errors(account), self
            return new.incident_key, replace(self, silent=(*self.silent, own))
        if self._has_room(new, own):
            return new.incident_key, self._with_opened(own)
        return self._shared(new, account, now)

    def without(self, incident_key: str) -> UnknownIds:
        """After a key turned out to be known to IAM or CloudTrail."""
        digest = _digest(incident_key)
        return replace(self, alerts=tuple(it for it in self.alerts if it.incident != digest))

    def with_update(self, incident_key: str, account: str, now: datetime) -> UnknownIds | None:
        """None if no update of the incident may be sent now."""
        is_of_all_sources = incident_key == unknown_ids_of_all_sources(account)
        if len(self.alerts) >= (MAX_ALERTS if is_of_all_sources else _MAX_BEFORE_ALL_SOURCES):
            return None
        return self._and(Counted(incident=_digest(incident_key), source="", at=now))

    def _has_room(self, new: NewId, own: Counted) -> bool:
        if new.exposes_secret:
            return len(self.alerts) < _MAX_BEFORE_ALL_SOURCES
        of_source = sum(it.source == own.source for it in self.alerts)
        return len(self.alerts) < MAX_INCIDENTS and of_source < MAX_INCIDENTS_OF_A_SOURCE

    def _shared(self, new: NewId, account: str, now: datetime) -> tuple[str, UnknownIds]:
        key = unknown_ids_of_source(account, new.source)
        of_source = Counted(incident=_digest(key), source="", at=now)
        if _has(self.alerts, of_source):
            return key, self
        if len(self.alerts) < _MAX_BEFORE_ALL_SOURCES:
            return key, self._with_opened(of_source)
        key = unknown_ids_of_all_sources(account)
        of_all = Counted(incident=_digest(key), source="", at=now)
        is_counted = _has(self.alerts, of_all) or len(self.alerts) >= MAX_ALERTS
        return key, self if is_counted else self._and(of_all)

    def _with_opened(self, one: Counted) -> UnknownIds:
        others = tuple(digest for digest in self.opened if digest != one.incident)
        return replace(self._and(one), opened=(*others, one.incident)[-_MAX_OPENED:])

    def _and(self, alert: Counted) -> UnknownIds:
        return replace(self, alerts=(*self.alerts, alert))


def _within_period(counted: tuple[Counted, ...], now: datetime) -> tuple[Counted, ...]:
    return tuple(it for it in counted if it.at > now - PERIOD)


def _has(counted: tuple[Counted, ...], one: Counted) -> bool:
    return any(it.incident == one.incident for it in counted)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16] if text else ""
