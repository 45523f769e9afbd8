"""What must never happen (docs: the guardrails), checked at the moment of each act of ours.

IAM has no conditional writes. So whatever somebody changed after an act's run had begun is `disturbed`, and
what the run then does with it is not held against it; what it could have known is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from lambdas.ledger.domain.enrolment_tags import SECRET_TAG, USER_ID_TAG
from lambdas.rotation.domain.secret_description import CURRENT, LOAN, PENDING, PREVIOUS
from tests.support.rotation_simulation import (
    RECORD_DELAY,
    SECOND_SECRET,
    SECRET,
    USER,
    USER_ID,
    Key,
    RotationWorld,
)

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from lambdas.retirement.domain.retirement import RetirementPolicy

GUARDRAILS = "guardrails"


@dataclass
class Invariants:
    """Watches a world. `once_current` are the keys that were ever AWSCURRENT, with when they last ceased to
    be (None while they are); `replaced_in` says in which of the user's secrets that was.
    """

    world: RotationWorld
    terms: RetirementPolicy
    unused_for: timedelta
    violations: list[str] = field(default_factory=list)
    disturbed: set[str] = field(default_factory=set)
    once_current: dict[str, datetime | None] = field(default_factory=dict)
    replaced_in: dict[str, RotationWorld] = field(default_factory=dict)
    concerns: frozenset[str] = frozenset({USER, SECRET, SECOND_SECRET})

    def __post_init__(self) -> None:
        self.once_current |= {place.current_key(): None for place in self.world.places_of_the_user()}
        self.world.watchers.append(self)

    def __call__(self, call: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not args or not isinstance(args[0], str) or args[0] not in self.concerns:
            return
        if call == "create":
            self._see_creation()
        elif call == "delete" and args[1] in self.world.user_keys:
            self._see_deletion(args[1])
        elif call == "switch" and args[1] in self.world.user_keys:
            self._see_switch(args[1], on=kwargs["on"])
        elif call == "promote":
            self._see_promotion(args[0], args[1], args[2])

    def found(self) -> list[str]:
        """All violations, outages among them but for those of a key that somebody touched in that moment."""
        if any(place.current_key() in self.disturbed for place in self.world.places_of_the_user()):
            self.world.outages.clear()  # for good: nobody is blamed for it later
        return [*self.violations, *(f"outage at {where}" for where in self.world.outages)]

    def _see_creation(self) -> None:
        if self._is_forbidden():
            self.violations.append("a key was created against a guardrail")

    def _is_forbidden(self) -> bool:
        world = self.world
        not_now = world.policy or world.kill_switch
        return bool(not_now and GUARDRAILS not in self.disturbed) or self._is_unbound()

    def _is_unbound(self) -> bool:
        world, claimed = self.world, self.world.tags.get(SECRET_TAG)
        bound = (
            claimed in world.secret_names()
            and world.place_of(claimed).secret_tags.get(USER_ID_TAG) == USER_ID
        )
        return not bound and GUARDRAILS not in self.disturbed

    def _see_promotion(self, secret: str, token: str, current: str) -> None:
        world = self.world.place_of(secret)
        old, new = world.current_key(), world.values[token].key_id
        if CURRENT in world.labels[token] or CURRENT not in world.labels.get(current, ()):
            return  # nothing comes of it
        if not world.answers(world.values[token].key) and new not in self.disturbed:
            self.violations.append(f"AWSCURRENT was moved to a key that does not work: {new}")
        is_fail_over = PENDING not in world.labels[token] and world.labels[token] & {PREVIOUS, LOAN}
        if is_fail_over and self._is_forbidden():
            self.violations.append("a fail over was made against a guardrail")
        if old != new:
            self.once_current |= {old: self.world.now, new: None}
            self.replaced_in[old] = world

    def _see_deletion(self, key_id: str) -> None:
        key = self.world.user_keys[key_id]
        if self._is_unbound():
            self.violations.append(f"a key was deleted of a user that is not bound to the secret: {key_id}")
        if key_id in self.disturbed:
            return
        is_an_orphan = key.by_us and key_id not in self.once_current and key_id not in self._named()
        if key.active and not is_an_orphan:
            self.violations.append(f"a live key was deleted that is no orphan of ours: {key_id}")
        elif not (
            is_an_orphan
            or self._was_retired(key_id, key)
            or self._was_left(key_id, key)
            or self._is_dispensable(key_id, key)
        ):
            self.violations.append(f"an inactive key was deleted, neither retired nor spare: {key_id}")

    def _was_retired(self, key_id: str, key: Key) -> bool:
        off = next((one for one in reversed(key.switches) if one.changed), None)
        if off is None or self.once_current.get(key_id) is None:
            return False
        is_recorded = self.world.now >= off.at + RECORD_DELAY
        by_no_person = off.by_us or off.by_automation or not is_recorded
        return by_no_person and self.world.now >= off.at + self.terms.until_deletion

    def _was_left(self, key_id: str, key: Key) -> bool:
        """By people: off, unused and announced for long."""
        off = next((one for one in reversed(key.switches) if one.changed), None)
        ended = self.world.now - self.terms.unused_for - self.terms.until_deletion
        is_long_off = off is not None and off.at <= ended and (key.last_use or key.created_at) <= ended
        is_announced = any(state.superseded_key(key_id) for state in self.world.states.values())
        return is_long_off and is_announced and self.once_current.get(key_id) is not None

    def _is_dispensable(self, key_id: str, key: Key) -> bool:
        last = key.last_use or key.created_at
        return key_id not in self._named() and last < self.world.now - self.unused_for

    def _see_switch(self, key_id: str, *, on: bool) -> None:
        key = self.world.user_keys[key_id]
        if key_id in self.disturbed or key.active == on:
            return
        if on:
            self._see_reactivation(key_id, key)
        else:
            self._see_deactivation(key_id, key)

    def _see_reactivation(self, key_id: str, key: Key) -> None:
        if self._is_forbidden():
            self.violations.append(f"a key was reactivated against a guardrail: {key_id}")
        recorded = [one for one in key.switches if self.world.now >= one.at + RECORD_DELAY]
        in_a_row = list(takewhile(lambda one: not one.on, reversed(recorded)))
        if not in_a_row or not all(one.by_us for one in in_a_row):
            self.violations.append(f"a key was reactivated that a person had deactivated: {key_id}")

    def _see_deactivation(self, key_id: str, key: Key) -> None:
        world, ceased = self.world, self.once_current.get(key_id)
        if self._is_unbound():
            self.violations.append(
                f"a key was deactivated of a user that is not bound to the secret: {key_id}"
            )
        successor_id = self.replaced_in.get(key_id, world).current_key()
        successor = world.user_keys.get(successor_id)
        if ceased is None:
            self.violations.append(f"a key was deactivated that nothing has replaced: {key_id}")
            return
        if world.now < ceased + self.terms.grace:
            self.violations.append(f"a key was deactivated in its grace time: {key_id}")
        if successor is None or not successor.active:
            if successor_id not in self.disturbed:
                self.violations.append(f"a key was deactivated whose successor does not work: {key_id}")
        elif successor.used_by_consumers is None or successor.used_by_consumers < ceased:
            self.violations.append(f"a key was deactivated whose successor no consumer has used: {key_id}")
        if key.used_by_consumers and key.used_by_consumers > world.now - self.terms.quiet:
            self.violations.append(f"a key was deactivated that was in use: {key_id}")

    def _named(self) -> set[str]:
        return {
            place.values[version].key_id
            for place in self.world.places_of_the_user()
            for version, labels in place.labels.items()
            if labels & {CURRENT, PENDING, PREVIOUS} and version in place.values
        }
