"""Keeps ids that the ledger does not know from delaying the alerts of known keys, and from multiplying.

A caller can send as many ids as it likes. Known keys are processed first. Of the others, a few in an hour get
an incident of their own; the rest share one (incidents/domain/unknown_ids.py), and neither IAM nor CloudTrail
is asked about them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.detection.domain.folding import unknown_ids_of_all_sources, unknown_ids_of_source
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import SignalGroup
from lambdas.incidents.domain.unknown_ids import NewId
from lambdas.incidents.ports import Incidents, UnknownIdCounts
from lambdas.ledger.ports import Ledger


@dataclass(kw_only=True, eq=False, repr=False)
class UnknownIdIntake:
    ledger: Ledger
    incidents: Incidents
    counts: UnknownIdCounts
    account: str

    def known_first(self, groups: Iterable[SignalGroup]) -> tuple[list[SignalGroup], list[SignalGroup]]:
        """The groups of known keys, and those of ids that nothing here knows."""
        given = list(groups)
        doubtful = [group for group in given if self._may_be_unknown(group)]
        ids = [group.key for group in doubtful if group.signal.has_usable_id]
        known_ids = self.ledger.known_keys(ids) if ids else frozenset()
        unknown = {group.key for group in doubtful if group.key not in known_ids}
        return (
            [group for group in given if group.key not in unknown],
            [group for group in given if group.key in unknown],
        )

    def open_keys(self, unknown: Sequence[SignalGroup]) -> frozenset[str]:
        """Those ids that have an open incident of their own."""
        return self.incidents.open_keys([group.key for group in unknown]) if unknown else frozenset()

    def assign(self, group: SignalGroup, is_open: Collection[str]) -> str:
        """The key of the incident in which the calls of the group are counted: its own, or a shared one."""
        if group.key in is_open:
            return group.key
        is_silent = group.signal.error_class is ErrorClass.UNRELATED
        of_source = unknown_ids_of_source(self.account, _source(group))
        if not is_silent and self.incidents.remembers(of_source):
            return of_source
        return self.counts.assign(NewId(incident_key=group.key, source=_source(group), is_silent=is_silent))

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
        is_open = self.incidents.open_keys(list(dict.fromkeys(overflow.values()))) if overflow else ()
        return {**shared, **{key: of_source for key, of_source in overflow.items() if of_source in is_open}}

    def release(self, incident_key: str) -> None:
        """The id turned out to be that of a known key."""
        self.counts.release(incident_key)

    def _may_be_unknown(self, group: SignalGroup) -> bool:
        signal = group.signal
        is_of_iam = signal.predicted_outage or signal.state_change or group.predicted_outage
        return not (is_of_iam or signal.is_root or self.incidents.remembers(group.key))


def fold(signal: Signal, incident_key: str) -> Signal:
    """The signal as it is counted in an incident that many ids share."""
    return replace(signal, access_key_id="", folded_into=incident_key)


def _source(group: SignalGroup) -> str:
    """The source of most of the calls."""
    return group.callers[0].source if group.callers else group.signal.caller.source
