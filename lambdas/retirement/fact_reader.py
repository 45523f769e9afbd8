"""Reads what decides about a replaced key: its use and that of its successor, its status, and who set it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import LastUse, Resolved, find_key
from lambdas.ledger.last_use import read_last_use
from lambdas.retirement.domain.retirement import RetirementFacts, RetirementPolicy
from lambdas.rotation.domain.rotation_state import Superseded
from lambdas.rotation.domain.secret_description import CURRENT, PENDING
from lambdas.rotation.ports import KeyAttribution, RefusedError, Secrets, UserKeys
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.secret_snapshot import SecretSnapshot

UNKNOWN_CALLERS = "no failed call came from where the key was used before, by CloudTrail's event history"


@dataclass(kw_only=True, eq=False, repr=False)
class RetirementFactReader:
    secrets: Secrets
    keys: UserKeys
    attribution: KeyAttribution
    preconditions: Preconditions
    has_failed_calls: Callable[[str, datetime], bool]  # calls with the key, since then
    # Whether a failed call came from where the key, last used then, was used before.
    known_caller_failed: Callable[[str, LastUse | None], bool]
    # The longest known pause between two uses of the key, which was last used then.
    known_pause: Callable[[str, LastUse | None], timedelta]
    clock: Callable[[], datetime]

    def read(
        self, snapshot: SecretSnapshot, superseded: Superseded, unbound: str, policy: RetirementPolicy
    ) -> RetirementFacts:
        """Raises TransientError if something cannot be read."""
        state, key_id = snapshot.state, superseded.access_key_id
        current = snapshot.key_id(CURRENT)
        listed = find_key(key_id, snapshot.listed)
        successor = state.created_key(current)
        off_at = superseded.retiring_at or superseded.deactivated_at
        is_off = listed is not None and not listed.is_active
        has_failed = (off_at is not None or is_off) and self.has_failed_calls(
            key_id, off_at or superseded.retire_after
        )
        last_use = self._last_use(key_id, must_exist=True) if listed else None
        seen = superseded.with_observed_use(last_use.at if last_use else None)
        facts = RetirementFacts(
            listed=listed,
            last_use=last_use,
            successor_use=self._last_use(current, must_exist=False),
            is_named=key_id in {current, snapshot.key_id(PENDING)},
            current_key_id=current,
            longest_pause=timedelta(seconds=seen.longest_pause_seconds),
            successor_is_alive=snapshot.is_alive(current),
            successor_is_borrowed=current != "" and current == state.borrowed_key_id,
            successor_since=successor.at if successor else None,
            deactivated_by_us=self.attribution.deactivated_by_us(key_id) if off_at else None,
            contained_at=self.attribution.contained_at(key_id) if is_off else None,
            has_failed_calls=has_failed,
            failed_lately=is_off and self.has_failed_calls(key_id, self.clock() - policy.unused_for),
            lends=bool(state.lent),
            returned_at=state.returned_at,
            unbound=unbound,
        )
        if not is_off or not (current == key_id or (has_failed and policy.reactivates)):
            return facts
        return replace(facts, guardrail=self._guardrail(snapshot, key_id, facts))

    def with_known_pause(self, facts: RetirementFacts, access_key_id: str) -> RetirementFacts:
        """With what takes its time to read, and matters only if the key is to be switched off."""
        known = self.known_pause(access_key_id, facts.last_use)
        return replace(facts, longest_pause=max(facts.longest_pause, known))

    def read_again(
        self, snapshot: SecretSnapshot, access_key_id: str, facts: RetirementFacts
    ) -> RetirementFacts:
        """With what people and applications may have changed since: labels, last use, and statuses, which are
        read last, because they change most.
        """
        fresh = replace(snapshot, description=self.secrets.describe_secret(snapshot.name))
        current, pending = fresh.key_id(CURRENT), fresh.key_id(PENDING)
        last_use = self._last_use(access_key_id, must_exist=True)
        fresh = fresh.with_keys(self.keys, snapshot.state.user_name)
        return replace(
            facts,
            listed=find_key(access_key_id, fresh.listed),
            last_use=last_use,
            is_named=access_key_id in {current, pending},
            current_key_id=current,
            successor_is_alive=fresh.is_alive(current),
        )

    def _guardrail(self, snapshot: SecretSnapshot, access_key_id: str, facts: RetirementFacts) -> str:
        """What forbids reactivating a key; empty if nothing does. Whatever forbids a new key does, and so do
        failed calls from anywhere else than before: anybody who knows the key's id can make them.
        """
        try:
            self.preconditions.check(snapshot.description, snapshot.state.user_name)
        except RefusedError as error:
            return str(error)
        is_missed = facts.is_named or self.known_caller_failed(access_key_id, facts.last_use)
        return "" if is_missed else UNKNOWN_CALLERS

    def _last_use(self, access_key_id: str, *, must_exist: bool) -> LastUse | None:
        """Raises TransientError if IAM does not answer for a key that it lists: the key may be in use."""
        if must_exist:
            return read_last_use(self.keys, access_key_id)
        answer = self.keys.look_up(access_key_id) if access_key_id else None
        return answer.last_use if isinstance(answer, Resolved) else None
