"""What is recorded of one managed secret's rotations. Every act on a key is recorded before it happens, so
that a later run can distinguish an interrupted run of ours from what a person did.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lambdas.rotation.domain.fail_overs import BorrowedKey, FailOverIntent, LentKey
from lambdas.rotation.domain.refusals import Refusal

_MAX_RECORDS = 20  # of created keys, and of tokens of past rotations


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A rotation is about to create a key."""

    existing: frozenset[str]  # the user's keys before: any other one was created later
    at: datetime  # when a run last tried


@dataclass(frozen=True, kw_only=True)
class CreatedKey:
    access_key_id: str
    token: str  # of the rotation; empty once the key was abandoned, which must never be promoted
    at: datetime  # when a run last worked on it; the promotion is the last time
    tested: bool = False  # AWS accepted the key, so it may be promoted
    replaces: str = ""  # the key that AWSCURRENT contained when the promotion began
    promoted: bool = False


@dataclass(frozen=True, kw_only=True)
class Superseded:
    """A replaced key that waits for its retirement."""

    access_key_id: str
    at: datetime  # when it was replaced
    retire_after: datetime
    retiring_at: datetime | None = None  # when its deactivation was recorded, before it happened
    deactivated_at: datetime | None = None  # when it had happened; without `retiring_at` it is reactivated
    last_used_at: datetime | None = None  # by the last reading
    longest_pause_seconds: int = 0  # between two uses that readings have shown
    found_off_at: datetime | None = None  # when a reading first found it inactive, while it stays so
    announced_at: datetime | None = None  # when it was announced that the inactive key is deleted

    def with_observed_use(self, at: datetime | None) -> Superseded:
        """Of a last use that was just read. The pause before it may have begun before the replacement."""
        if at is None or (self.last_used_at and at <= self.last_used_at):
            return self
        pause = int((at - self.last_used_at).total_seconds()) if self.last_used_at else 0
        longest = max(pause, self.longest_pause_seconds)
        return replace(self, last_used_at=at, longest_pause_seconds=longest)

    def with_observed_status(self, at: datetime, *, is_active: bool) -> Superseded:
        return replace(self, found_off_at=None if is_active else self.found_off_at or at)

    def without_intent(self) -> Superseded:
        """Of an active key: its deactivation was recorded, but has failed."""
        return self if self.deactivated_at else replace(self, retiring_at=None)


@dataclass(frozen=True, kw_only=True)
class RotationState:
    secret_name: str
    user_name: str = ""
    user_id: str = ""
    intents: Mapping[str, Intent] = field(default_factory=dict)  # rotations that were started, by token
    created: tuple[CreatedKey, ...] = ()
    superseded: tuple[Superseded, ...] = ()
    finished_at: datetime | None = None  # when the last rotation put its key into AWSCURRENT
    # For functions that may not read the secret: the keys that it contained when it was last read.
    current_key_id: str = ""
    previous_key_id: str = ""
    fail_over: FailOverIntent | None = None
    loan: BorrowedKey | None = None
    lent: tuple[LentKey, ...] = ()
    abandoned: tuple[str, ...] = ()  # tokens of the last rotations that nothing may complete any more
    finished: tuple[str, ...] = ()  # tokens of the last rotations whose key was promoted
    returned_at: datetime | None = None  # when the last loan of a key of this secret's user was over
    creation_denied_at: datetime | None = (
        None  # when iam:CreateAccessKey was denied; None once it was allowed
    )
    refusal: Refusal | None = None  # of the rotations since the last that was promoted
    deleted_at: datetime | None = None  # when the secret was found to be gone
    released_at: datetime | None = None  # when the user was found to be enrolled no longer
    version: int = 0  # the number of writes

    def created_key(self, access_key_id: str) -> CreatedKey | None:
        return next((one for one in self.created if one.access_key_id == access_key_id), None)

    def has_created(self, access_key_id: str) -> bool:
        return self.created_key(access_key_id) is not None

    def created_under(self, token: str) -> frozenset[str]:
        return frozenset(one.access_key_id for one in self.created if one.token == token)

    def last_activity(self, token: str) -> datetime | None:
        """When a run of this rotation last recorded something."""
        times = [one.at for one in self.created if one.token == token]
        times += [self.intents[token].at] if token in self.intents else []
        return max(times, default=None)

    @property
    def superseded_ids(self) -> frozenset[str]:
        return frozenset(one.access_key_id for one in self.superseded)

    @property
    def lent_ids(self) -> frozenset[str]:
        return frozenset(one.access_key_id for one in self.lent)

    @property
    def borrowed_key_id(self) -> str:
        """Empty if the secret contains no key of another user."""
        return self.loan.access_key_id if self.loan else ""

    def knows_key(self, access_key_id: str) -> bool:
        """Whether the key belongs, or belonged, to this secret."""
        known = {self.current_key_id, self.previous_key_id, *self.superseded_ids, *self.lent_ids}
        return access_key_id in known or self.created_key(access_key_id) is not None

    def needs_key(self, access_key_id: str) -> bool:
        """Whether the secret contains the key, or something may yet be done with it."""
        created = self.created_key(access_key_id)
        kept = {self.current_key_id, self.previous_key_id, *self.superseded_ids, *self.lent_ids}
        return access_key_id in kept or (created is not None and not created.promoted)

    def superseded_key(self, access_key_id: str) -> Superseded | None:
        return next((one for one in self.superseded if one.access_key_id == access_key_id), None)

    def has_failed_over(self, token: str) -> bool:
        """Whether the fail over of this token has happened, and AWSCURRENT still names its key."""
        last = self.fail_over
        return last is not None and last.token == token and last.access_key_id == self.current_key_id

    def is_repeated_refusal(self, token: str) -> bool:
        """Whether the rotation was refused for the reason that was reported shortly before."""
        return self.refusal is not None and token in self.refusal.repeated

    def was_finished(self, token: str) -> bool:
        """Whether a key that was created under the token was once promoted."""
        return token in self.finished or any(one.token == token and one.promoted for one in self.created)

    def knows_rotation(self, token: str) -> bool:
        return token in self.intents or bool(self.created_under(token))

    def with_observed_keys(
        self, current: str, previous: str, now: datetime, grace: timedelta
    ) -> RotationState:
        """The keys in the secret, which was just read, so it exists."""
        state = self.with_completed_promotion(current, previous, now, grace)
        return replace(state, current_key_id=current, previous_key_id=previous, deleted_at=None)

    def with_completed_promotion(
        self, current: str, previous: str, now: datetime, grace: timedelta
    ) -> RotationState:
        """A created key in AWSCURRENT was promoted, even if the run that did it recorded nothing more: the
        key that it replaced is to be retired. AWSPREVIOUS may not contain that key any more, because a person
        has edited the secret since.
        """
        created = self.created_key(current)
        if created is None or created.promoted:
            return self
        state = replace(self.with_promoted(current), finished_at=now, loan=None)
        candidates = (created.replaces, previous, self.current_key_id)
        replaced = next((key for key in candidates if key not in {"", current}), "")
        is_own = replaced not in {"", self.borrowed_key_id}  # its lender's secret retires a borrowed key
        if not is_own or replaced in self.superseded_ids:
            return state
        return state.superseding(replaced, now, grace)

    def with_lent(self, lent: LentKey) -> RotationState:
        return replace(self, lent=(*self.without_lent(lent.borrower).lent, lent))

    def with_returned(self, borrower: str, at: datetime) -> RotationState:
        return replace(self.without_lent(borrower), returned_at=at)

    def without_lent(self, borrower: str) -> RotationState:
        return replace(self, lent=tuple(one for one in self.lent if one.borrower != borrower))

    def bound_to(self, user_name: str, user_id: str) -> RotationState:
        """Drops intents recorded for another user: they say nothing about this user's keys."""
        intents = self.intents if user_id == self.user_id else {}
        return replace(self, user_name=user_name, user_id=user_id, intents=intents, released_at=None)

    def with_intent(self, token: str, existing: Collection[str], at: datetime) -> RotationState:
        """Keeps the first list of existing keys: any key not in it was created after the rotation began."""
        first = self.intents.get(token)
        intent = Intent(existing=first.existing if first else frozenset(existing), at=at)
        return replace(self, intents={**self.intents, token: intent})

    def without_intents(self, tokens: Collection[str]) -> RotationState:
        return replace(
            self, intents={token: one for token, one in self.intents.items() if token not in tokens}
        )

    def with_created(self, access_key_id: str, token: str, at: datetime) -> RotationState:
        if self.created_key(access_key_id):
            return self
        created = (*self.created, CreatedKey(access_key_id=access_key_id, token=token, at=at))
        return replace(self, created=created[-_MAX_RECORDS:], creation_denied_at=None)

    def with_tested(self, access_key_id: str, at: datetime) -> RotationState:
        return self._with_change({access_key_id}, lambda one: replace(one, tested=True, at=at))

    def with_promotion_started(self, access_key_id: str, replaces: str, at: datetime) -> RotationState:
        return self._with_change({access_key_id}, lambda one: replace(one, at=at, replaces=replaces))

    def with_keys_abandoned(self, access_key_ids: Collection[str]) -> RotationState:
        """No run promotes these keys any more, so they may be deleted."""
        return self._with_change(access_key_ids, lambda one: replace(one, token=""))

    def with_abandoned(self, token: str) -> RotationState:
        state = self.with_keys_abandoned(self.created_under(token))
        return replace(state, abandoned=_with_token(self.abandoned, token))

    def with_promoted(self, access_key_id: str) -> RotationState:
        created = self.created_key(access_key_id)
        state = self._with_change({access_key_id}, lambda one: replace(one, promoted=True))
        if created is None:
            return state
        return replace(state, finished=_with_token(self.finished, created.token), refusal=None)

    def superseding(self, access_key_id: str, now: datetime, grace: timedelta) -> RotationState:
        """The key is replaced: it is retired after the grace period, if nobody needs it."""
        return self.with_superseded(Superseded(access_key_id=access_key_id, at=now, retire_after=now + grace))

    def with_superseded(self, superseded: Superseded) -> RotationState:
        """Replaces an earlier record of the same key."""
        others = self.without_superseded(superseded.access_key_id).superseded
        return replace(self, superseded=(*others, superseded))

    def without_superseded(self, access_key_id: str) -> RotationState:
        kept = tuple(one for one in self.superseded if one.access_key_id != access_key_id)
        return replace(self, superseded=kept)

    def _with_change(
        self, access_key_ids: Collection[str], change: Callable[[CreatedKey], CreatedKey]
    ) -> RotationState:
        created = tuple(change(one) if one.access_key_id in access_key_ids else one for one in self.created)
        return replace(self, created=created)


def _with_token(tokens: tuple[str, ...], token: str) -> tuple[str, ...]:
    """The last tokens, the newest at the end."""
    others = tuple(one for one in tokens if one != token)
    return (*others, token)[-_MAX_RECORDS:] if token else tokens
