"""Retire: what a rotation has replaced goes when nobody needs it; what a rotation has lost is mended.

It runs hourly, over each managed secret.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import Resolved
from lambdas.ledger.domain.enrolment_tags import claim_of
from lambdas.ledger.last_use import read_last_use
from lambdas.retirement.domain.retirement import RetirementFacts, Step, next_step
from lambdas.rotation.domain.binding import flaw_of_binding
from lambdas.rotation.domain.orphaned_keys import strays
from lambdas.rotation.domain.rotation_state import Superseded
from lambdas.rotation.key_creator import LONGEST_RUN
from lambdas.rotation.ports import CURRENT, LOAN, PENDING, PREVIOUS, RefusedError, SecretGoneError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.aws.domain.iam import LastUse, ListedKey
    from lambdas.rotation.domain.retirement_policy import RetirementPolicy
    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.key_creator import KeyCreator
    from lambdas.rotation.ports import (
        AllRotations,
        KeyAttribution,
        Secrets,
        SecretVersions,
        Switches,
        UserKeys,
    )
    from lambdas.rotation.preconditions import Preconditions

# Secrets Manager has given up long before, with all its retries (aws-facts 5).
DEAD_AFTER = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class RetirementStep:
    """What was done with a key of a secret, for whoever is to be told: what is `noted` of it by now, or was
    last, and what was `seen` before.
    """

    secret_name: str
    access_key_id: str
    step: Step
    user_name: str
    noted: Superseded
    seen: RetirementFacts


@dataclass(frozen=True, kw_only=True)
class Retirer:
    secrets: Secrets
    keys: UserKeys
    rotations: AllRotations
    creators: KeyAttribution
    guard: Preconditions
    maker: KeyCreator
    terms: RetirementPolicy
    fails: Callable[[str, datetime], bool]
    switches: Switches
    clock: Callable[[], datetime]

    def process(self, secret_name: str) -> list[RetirementStep]:
        """Raises SecretGoneError where there is nothing to look after; TransientError where something cannot
        be read. What was done by then stays done. While the kill switch is on, nothing is; and nothing is
        done to the keys of a user that is not bound to the secret any more.
        """
        if self.switches.stopped():
            return []
        state = self.rotations.read(secret_name)  # first: what is read later can only be newer than it
        state, secret = self._without_a_dead_rotation(state, self._described(secret_name))
        named = self._key_of(secret, CURRENT), self._key_of(secret, PREVIOUS)
        state = self._with_what_was_promoted(state, *named)
        listed = self.keys.list_keys(state.user_name) if state.user_name else None
        state = self._with_what_is_seen(secret, state, listed or (), *named)
        if listed is None:
            return []
        unbound = self._flaw_of_binding(secret, state.user_name)
        state = self._without_losses(secret, state, listed, may_delete=not unbound)
        return self._retire(secret, state, listed, unbound)

    def _described(self, secret_name: str) -> SecretVersions:
        secret = self.secrets.versions_of(secret_name)
        if secret.is_being_deleted:
            raise SecretGoneError("the secret is scheduled for deletion")
        return secret

    def _flaw_of_binding(self, secret: SecretVersions, user_name: str) -> str:
        """As of now: the claim may have moved to another secret since the last rotation of this one."""
        user = self.keys.describe(user_name)
        return flaw_of_binding(
            claim_of(user.name, user.user_id, user.tags) if user else None,
            secret_name=secret.name,
            secret_tags=secret.tags,
            prefix=self.guard.prefix,
        )

    def _without_a_dead_rotation(
        self, state: RotationState, secret: SecretVersions
    ) -> tuple[RotationState, SecretVersions]:
        """An AWSPENDING that a dead rotation left blocks every later one. It is given up first, so that no
        run that is late promotes what is about to go.
        """
        pending = secret.labelled(PENDING)
        if not pending or pending == secret.labelled(CURRENT):
            return state, secret
        last_at = state.last_at(pending)
        if last_at is None:  # begun by now, if it lives; else found dead by the time
            listed = self.keys.list_keys(state.user_name) if state.user_name else None
            seen = state.with_intent(pending, [key.access_key_id for key in listed or ()], self.clock())
            return self.rotations.write(seen), secret
        if last_at >= self.clock() - DEAD_AFTER and not state.was_finished(pending):
            return state, secret
        state = self.rotations.write(state.with_abandoned(pending))
        self.secrets.drop_pending(secret.name, pending)
        return state, self.secrets.versions_of(secret.name)

    def _with_what_was_promoted(self, state: RotationState, current: str, previous: str) -> RotationState:
        """What a run that died after the promotion did not write down any more."""
        record = state.record_of(current)
        if record is None or record.promoted:
            return state
        noted = state.with_promoted(current)
        if previous and previous not in {current, state.borrowed, *state.superseded_ids}:
            now = self.clock()
            replaced = Superseded(access_key_id=previous, at=now, retire_after=now + self.terms.grace)
            noted = noted.with_superseded(replaced)
        return self.rotations.write(noted)

    def _with_what_is_seen(
        self,
        secret: SecretVersions,
        state: RotationState,
        listed: tuple[ListedKey, ...],
        current: str,
        previous: str,
    ) -> RotationState:
        """The keys in service, for whoever may not read the secret; and loans as far as they are over."""
        over_before = self.clock() - LONGEST_RUN
        seen = self._with_what_was_left(state, current, listed)
        seen = seen.with_seen(current, previous)
        loan = state.loan
        if loan and loan.access_key_id != current and loan.since < over_before:
            seen = replace(seen, loan=None)
            if version := secret.labelled(LOAN):
                self.secrets.drop_loan(secret.name, version)
        for lent in state.lent:
            carried = self.rotations.read(lent.borrower).borrowed
            if carried != lent.access_key_id and lent.since < over_before:
                seen = seen.with_returned(lent.borrower, self.clock())
        return self.rotations.write(seen) if seen != state else state

    def _with_what_was_left(
        self, state: RotationState, current: str, listed: tuple[ListedKey, ...]
    ) -> RotationState:
        """A dead key that AWSCURRENT was moved away from holds a slot until it is retired: a fail over may
        have died, or a person has approved one.
        """
        dead = {key.access_key_id for key in listed if not key.is_active} - state.superseded_ids
        if state.in_service == current or state.in_service not in dead:
            return state
        now = self.clock()
        left = Superseded(access_key_id=state.in_service, at=now, retire_after=now + self.terms.grace)
        return state.with_superseded(left)

    def _without_losses(
        self,
        secret: SecretVersions,
        state: RotationState,
        listed: tuple[ListedKey, ...],
        *,
        may_delete: bool,
    ) -> RotationState:
        """Intents are kept until it is known of each key that came meanwhile whose it is, and until what is
        ours is gone.
        """
        now = self.clock()
        ids = [key.access_key_id for key in listed]
        found = strays(ids, self.maker.named_by(secret), state, now - LONGEST_RUN)
        makers = {key: self.creators.created_by_us(key) for key in found.doubtful}
        over = all(intent.at < now - LONGEST_RUN for intent in state.intents.values())
        ours = self._named_by_no_other(
            state, [*found.lost, *(key for key, by_us in makers.items() if by_us and over)]
        )
        if ours and not may_delete:
            return state
        if ours:
            state = self.rotations.write(state.given_up(ours))  # fails where a run has begun meanwhile
        for key in ours:
            self.keys.delete(state.user_name, key)
        if not over or None in makers.values():
            return state
        settled = [token for token in state.intents if not _is_under_way(secret, token)]
        for token in settled:
            state = state.without_intent(token)
        return self.rotations.write(state) if settled else state

    def _named_by_no_other(self, state: RotationState, lost: list[str]) -> list[str]:
        """Our role's name does not say for which of a user's secrets it made a key."""
        if not lost:
            return []
        others = [one for one in self.rotations.all_states() if one.secret_name != state.secret_name]
        return [key for key in lost if not any(other.names(key) for other in others)]

    def _retire(
        self, secret: SecretVersions, state: RotationState, listed: tuple[ListedKey, ...], unbound: str
    ) -> list[RetirementStep]:
        done = []
        for superseded in state.superseded:
            seen = self._seen(secret, state, superseded, listed, unbound)
            step = next_step(superseded, seen, self.terms, self.clock())
            state = self._take(step, state, superseded)
            key = superseded.access_key_id
            done.append(
                RetirementStep(
                    secret_name=secret.name,
                    access_key_id=key,
                    step=step,
                    user_name=state.user_name,
                    noted=next((one for one in state.superseded if one.access_key_id == key), superseded),
                    seen=seen,
                )
            )
        return done

    def _seen(
        self,
        secret: SecretVersions,
        state: RotationState,
        superseded: Superseded,
        listed: tuple[ListedKey, ...],
        unbound: str,
    ) -> RetirementFacts:
        key_id = superseded.access_key_id
        current, pending = self._key_of(secret, CURRENT), self._key_of(secret, PENDING)
        by_id = {key.access_key_id: key for key in listed}
        promoted = state.record_of(current)
        off_at = superseded.retiring_at or superseded.deactivated_at
        is_off = key_id in by_id and not by_id[key_id].is_active
        fails = (off_at is not None or is_off) and self.fails(key_id, off_at or superseded.retire_after)
        may_come_back = fails and is_off and self.terms.reactivates
        return RetirementFacts(
            listed=by_id.get(key_id),
            last_use=self._last_use(key_id, must_exist=True) if key_id in by_id else None,
            successor_use=self._last_use(current, must_exist=False),
            in_service=key_id in {current, pending},
            successor_is_alive=self._is_alive(state, current, listed),
            successor_is_borrowed=current != "" and current == state.borrowed,
            successor_since=promoted.at if promoted else None,
            switched_by_us=self.creators.deactivated_by_us(key_id) if off_at else None,
            contained_at=self.creators.contained_at(key_id) if is_off else None,
            fails=fails,
            lends=bool(state.lent),
            returned_at=state.returned_at,
            unbound=unbound,
            guardrail=self._guardrail(secret, state.user_name) if may_come_back else "",
        )

    def _is_alive(self, state: RotationState, current: str, listed: tuple[ListedKey, ...]) -> bool:
        """A borrowed key is among its lender's."""
        if state.loan and state.loan.access_key_id == current:
            listed = self.keys.list_keys(state.loan.lender) or ()
        return any(key.access_key_id == current and key.is_active for key in listed)

    def _guardrail(self, secret: SecretVersions, user_name: str) -> str:
        """What forbids to give a key back, as it would forbid a new one; empty where nothing does."""
        try:
            self.guard.check(secret, user_name)
        except RefusedError as error:
            return str(error)
        return ""

    def _take(self, step: Step, state: RotationState, superseded: Superseded) -> RotationState:
        key, now = superseded.access_key_id, self.clock()
        if step is Step.STOP_TRACKING:
            return self.rotations.write(state.without_superseded(key))
        if step is Step.REMIND:
            later = replace(superseded, retire_after=now + self.terms.grace)
            return self.rotations.write(state.with_superseded(later))
        if step is Step.DEACTIVATE:
            return self._deactivate(state, superseded)
        if step is Step.REACTIVATE:
            return self._give_back(state, superseded)
        if step is Step.DELETE:
            self.keys.delete(state.user_name, key)
            return self.rotations.write(state.without_superseded(key))
        return state

    def _deactivate(self, state: RotationState, superseded: Superseded) -> RotationState:
        """Written down before and after, so that it is known who switched it off."""
        retiring = replace(superseded, retiring_at=self.clock(), deactivated_at=None)
        state = self.rotations.write(state.with_superseded(retiring))
        self.keys.switch(state.user_name, superseded.access_key_id, on=False)
        done = replace(retiring, deactivated_at=self.clock())
        return self.rotations.write(state.with_superseded(done))

    def _give_back(self, state: RotationState, superseded: Superseded) -> RotationState:
        """Written down before, or a run that dies here would leave a key that seems a person's wish."""
        since = superseded.deactivated_at or superseded.retiring_at
        later = self.clock() + self.terms.grace
        back = replace(superseded, retiring_at=None, deactivated_at=since, retire_after=later)
        state = self.rotations.write(state.with_superseded(back))
        self.keys.switch(state.user_name, superseded.access_key_id, on=True)
        return state

    def _key_of(self, secret: SecretVersions, label: str) -> str:
        version = secret.labelled(label)
        value = self.secrets.value(secret.name, version) if version else None
        return value.key_id if value else ""

    def _last_use(self, access_key_id: str, *, must_exist: bool) -> LastUse | None:
        """Raises TransientError where IAM does not tell of a key that it lists: that is no `never`."""
        if must_exist:
            return read_last_use(self.keys, access_key_id)
        answer = self.keys.look_up(access_key_id) if access_key_id else None
        return answer.last_use if isinstance(answer, Resolved) else None


def _is_under_way(secret: SecretVersions, token: str) -> bool:
    labels = secret.labels.get(token, frozenset())
    return PENDING in labels and CURRENT not in labels
