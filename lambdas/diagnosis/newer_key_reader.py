"""Reads whether another key of the owner has taken the place of a key, and who created that one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from lambdas.aws.domain.iam import KeyChange, Resolved, Unresolved
from lambdas.aws.domain.iam_events import CREATE_KEY
from lambdas.aws.ports import Iam, TrailHistory
from lambdas.detection.domain.signal import Signal
from lambdas.diagnosis.domain.evidence import Evidence, OwnRotation, Successor
from lambdas.diagnosis.domain.own_rotation import LONG_BEFORE, find_own_rotation
from lambdas.diagnosis.domain.successor import has_taken_over, newer_active_keys, was_used_since
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.reads import Reads
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.ledger.ports import Ledger


@dataclass(kw_only=True, eq=False, repr=False)
class NewerKeyReader:
    iam: Iam
    trail: TrailHistory
    ledger: Ledger
    automations: tuple[str, ...]  # principals that rotate keys
    reads: Reads

    def with_successor(self, signal: Signal, evidence: Evidence) -> Evidence:
        is_predicted = signal.predicted_outage is not None
        for key in newer_active_keys(evidence, signal.occurred_at):
            look_up = partial(self.iam.look_up, key.access_key_id)
            answer = self.reads.decisive(Source.SUCCESSOR, look_up, Unresolved())
            use = answer.last_use if isinstance(answer, Resolved) else None
            if use and has_taken_over(evidence, use, is_predicted=is_predicted):
                found = Successor(
                    access_key_id=key.access_key_id,
                    created_at=key.created_at,
                    last_use=use,
                    used_since=is_predicted or was_used_since(evidence, use),
                )
                return replace(evidence, successor=found)
        return evidence

    def with_own_rotation(self, end: KeyStateChange, evidence: Evidence) -> Evidence:
        if evidence.successor or (evidence.key is not None and evidence.key.is_active):
            return evidence
        owner = evidence.owner.name if evidence.owner else ""
        for key in newer_active_keys(evidence, end.at):
            creation = self._creation(key.access_key_id)
            found = creation and find_own_rotation(owner, end, key.access_key_id, creation, self.automations)
            if found:
                is_known = not found.by_automation and self._is_known_source(end, found, evidence)
                return replace(evidence, own_rotation=replace(found, from_known_source=is_known))
        return evidence

    def _is_known_source(self, end: KeyStateChange, rotation: OwnRotation, evidence: Evidence) -> bool:
        used_in = [evidence.last_use.region] if evidence.last_use else []
        until = rotation.created_at - LONG_BEFORE
        read = partial(self.trail.sources_until, end.access_key_id, until, used_in)
        nothing: frozenset[str] = frozenset()
        return rotation.source in self.reads.other(Source.SOURCES, read, nothing) - {""}

    def _creation(self, key_id: str) -> KeyChange | None:
        """From the ledger, or from CloudTrail's history if the ledger does not have who created the key."""
        entry = self.reads.other(Source.LEDGER, lambda: self.ledger.key(key_id), None)
        recorded = tuple(change for change in (entry.history if entry else ()) if change.by)
        changes = recorded or self.reads.other(Source.HISTORY, lambda: self.trail.changes(key_id), ())
        return next((change for change in changes if change.event_name == CREATE_KEY), None)
