"""Keeps ids that the ledger does not know from delaying the alerts of known keys, and from multiplying.

A caller can send as many ids as it likes. Known keys are processed first. Of the others, a few in an hour get
an incident of their own; the rest share one (incidents/domain/unknown_ids.py). CloudTrail is not asked about
them, and IAM only as often as it allows, in case a key is so new that the ledger lacks it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.aws.domain.access_key_id import decode_account, is_long_term
from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam import Resolved
from lambdas.aws.domain.redaction import may_hold_a_secret
from lambdas.aws.ports import Keys
from lambdas.detection.domain.folding import unknown_ids_of_all_sources, unknown_ids_of_source
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import SignalGroup
from lambdas.incidents.domain.unknown_ids import NewId
from lambdas.incidents.ports import Incidents, UnknownIdCounts
from lambdas.ledger.ports import Ledger

_BURST = 20.0
_LOOK_UPS_A_SECOND = 2  # of each worker


@dataclass(kw_only=True, eq=False, repr=False)
class LookUpRate:
    """Of one worker: a burst, and then as many a second as leave IAM free for others."""

    clock: Callable[[], datetime]
    _left: float = _BURST
    _at: datetime | None = None

    def take(self) -> bool:
        now = self.clock()
        passed = (now - self._at).total_seconds() if self._at else 0.0
        self._left, self._at = min(_BURST, self._left + passed * _LOOK_UPS_A_SECOND), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(kw_only=True, eq=False, repr=False)
class UnknownIdIntake:
    ledger: Ledger
    incidents: Incidents
    counts: UnknownIdCounts
    account: str
    keys: Keys
    look_ups: LookUpRate

    def known_first(self, groups: Iterable[SignalGroup]) -> tuple[list[SignalGroup], list[SignalGroup]]:
        """The groups of known keys, and those of ids that nothing here knows."""
        given = list(groups)
        doubtful = [group for group in given if self._may_be_unknown(group)]
        ids = [group.key for group in doubtful if group.signal.has_usable_id]
        known_ids = self.ledger.known_keys(ids) if ids else frozenset()
        return _split(given, {group.key for group in doubtful if group.key not in known_ids})

    def none_known(self, groups: Iterable[SignalGroup]) -> tuple[list[SignalGroup], list[SignalGroup]]:
        """As known_first, where the ledger cannot be read."""
        given = list(groups)
        return _split(given, {group.key for group in given if self._may_be_unknown(group)})

    def open_keys(self, unknown: Sequence[SignalGroup]) -> frozenset[str]:
        """Those ids that have an open incident of their own."""
        return self._open_keys([group.key for group in unknown])

    def assign(self, group: SignalGroup, is_open: Collection[str]) -> str:
        """The key of the incident in which the calls of the group are counted: its own, or a shared one."""
        if group.key in is_open:
            return group.key
        key = self._counted_key(group)
        return group.key if key != group.key and self._is_known_to_iam(group.signal) else key

    def keep_with_source(self, shared: Mapping[str, str], groups: Iterable[SignalGroup]) -> dict[str, str]:
        """Assigns a group again to the shared incident of its source if that is still open, though its alerts
        were long ago.
        """
        all_sources = unknown_ids_of_all_sources(self.account)
        overflow = {
            group.key: unknown_ids_of_source(self.account, _source(group))
            for group in groups
            if shared.get(group.key) == all_sources
        }
        is_open = self._open_keys(overflow.values())
        return {**shared, **{key: of_source for key, of_source in overflow.items() if of_source in is_open}}

    def release(self, incident_key: str) -> None:
        """The id turned out to be that of a known key."""
        self.counts.release(incident_key)

    def _open_keys(self, keys: Collection[str]) -> frozenset[str]:
        candidates = self.counts.may_be_open(keys) if keys else frozenset()
        return self.incidents.open_keys(candidates) if candidates else frozenset()

    def _counted_key(self, group: SignalGroup) -> str:
        signal, source = group.signal, _source(group)
        is_silent = signal.error_class is ErrorClass.UNRELATED
        exposes_secret = may_hold_a_secret(signal.access_key_id)
        of_source = unknown_ids_of_source(self.account, source)
        if not (is_silent or exposes_secret) and self.incidents.remembers(of_source):
            return of_source
        new = NewId(incident_key=group.key, source=source, is_silent=is_silent, exposes_secret=exposes_secret)
        return self.counts.assign(new)

    def _is_known_to_iam(self, signal: Signal) -> bool:
        """A key may be so new that the ledger lacks it. Asks about as many ids as IAM can be asked about."""
        key_id = signal.access_key_id
        could_be_ours = decode_account(key_id) in {None, self.account} if signal.has_usable_id else False
        if not (could_be_ours and is_long_term(key_id) and self.look_ups.take()):
            return False
        return isinstance(self.keys.look_up(key_id), Resolved)

    def _may_be_unknown(self, group: SignalGroup) -> bool:
        signal = group.signal
        is_of_iam = signal.predicted_outage or signal.state_change or group.predicted_outage
        return not (is_of_iam or signal.is_root or self.incidents.remembers(group.key))


def _split(
    groups: Iterable[SignalGroup], unknown: Collection[str]
) -> tuple[list[SignalGroup], list[SignalGroup]]:
    given = list(groups)
    return [group for group in given if group.key not in unknown], [
        group for group in given if group.key in unknown
    ]


def fold(signal: Signal, incident_key: str) -> Signal:
    """The signal as it is counted in an incident that many ids share."""
    return replace(signal, access_key_id="", stated_flaw="", folded_into=incident_key)


def _source(group: SignalGroup) -> str:
    """The source of most of the calls."""
    return group.callers[0].source if group.callers else group.signal.caller.source
