"""What the remediator wrote down of the rotations of one managed secret.

`intents` are rotations that were begun: by their token, the keys that the user had before a new one was
made. `made` tells which token made which key; `superseded` are keys that a rotation has replaced and that
wait for their retirement. `in_service` and `previous` are the keys that AWSCURRENT and AWSPREVIOUS named when
they were last seen, so that whoever may not read the secret knows them. `abandoned` are the tokens of the
last rotations that were given up, which nothing completes any more; `finished` of the last whose key was put
into service, whatever became of it later.
`returned_at` is when the last loan of a key of this secret's user was seen to be over, `ended_at` when the
secret itself was found to be gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from lambdas.rotation.domain.fail_overs import BorrowedKey, LentKey, Move

_REMEMBERED = 20


@dataclass(frozen=True, kw_only=True)
class Intent:
    """`at` is when a run last set out to make a key under it."""

    existing: frozenset[str]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CreatedKey:
    """`tested` once the key has answered, which makes it fit to be promoted; `promoted` once it was. `at` is
    when a run was last at it, the promotion the last. Without a token it is given up, for good.
    """

    access_key_id: str
    token: str
    at: datetime
    tested: bool = False
    promoted: bool = False


@dataclass(frozen=True, kw_only=True)
class Superseded:
    """`retiring_at` is when its deactivation was written down, `deactivated_at` when it had taken place.
    With the latter alone it is being given back.
    """

    access_key_id: str
    at: datetime
    retire_after: datetime
    retiring_at: datetime | None = None
    deactivated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RotationState:
    """`version` counts its writes, 0 before the first."""

    secret_name: str
    user_name: str = ""
    user_id: str = ""
    intents: Mapping[str, Intent] = field(default_factory=dict)
    made: tuple[CreatedKey, ...] = ()
    superseded: tuple[Superseded, ...] = ()
    finished_at: datetime | None = None
    in_service: str = ""
    previous: str = ""
    move: Move | None = None
    loan: BorrowedKey | None = None
    lent: tuple[LentKey, ...] = ()
    abandoned: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    returned_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 0

    def record_of(self, access_key_id: str) -> CreatedKey | None:
        return next((made for made in self.made if made.access_key_id == access_key_id), None)

    def made_under(self, token: str) -> frozenset[str]:
        return frozenset(made.access_key_id for made in self.made if made.token == token)

    def last_at(self, token: str) -> datetime | None:
        """When a run of this rotation last wrote something down."""
        times = [made.at for made in self.made if made.token == token]
        times += [self.intents[token].at] if token in self.intents else []
        return max(times, default=None)

    @property
    def superseded_ids(self) -> frozenset[str]:
        return frozenset(one.access_key_id for one in self.superseded)

    @property
    def lent_ids(self) -> frozenset[str]:
        return frozenset(one.access_key_id for one in self.lent)

    @property
    def borrowed(self) -> str:
        """The key that is another user's; empty where the secret carries none."""
        return self.loan.access_key_id if self.loan else ""

    def names(self, access_key_id: str) -> bool:
        """Whether the key has, or had, to do with this secret."""
        named = {self.in_service, self.previous, *self.superseded_ids, *self.lent_ids}
        return access_key_id in named or self.record_of(access_key_id) is not None

    def replaced(self, access_key_id: str) -> Superseded | None:
        return next((one for one in self.superseded if one.access_key_id == access_key_id), None)

    def has_moved(self, token: str) -> bool:
        """Whether the fail over of this token has taken place, and still holds."""
        move = self.move
        return move is not None and move.token == token and move.access_key_id == self.in_service

    def was_finished(self, token: str) -> bool:
        """Whether a key that was made under the token was once put into service."""
        return token in self.finished or any(made.token == token and made.promoted for made in self.made)

    def knows_rotation(self, token: str) -> bool:
        return token in self.intents or bool(self.made_under(token))

    def with_seen(self, in_service: str, previous: str) -> RotationState:
        """The secret is there, as it has been read."""
        return replace(self, in_service=in_service, previous=previous, ended_at=None)

    def with_lent(self, lent: LentKey) -> RotationState:
        return replace(self, lent=(*self.without_lent(lent.borrower).lent, lent))

    def with_returned(self, borrower: str, at: datetime) -> RotationState:
        return replace(self.without_lent(borrower), returned_at=at)

    def without_lent(self, borrower: str) -> RotationState:
        return replace(self, lent=tuple(one for one in self.lent if one.borrower != borrower))

    def bound_to(self, user_name: str, user_id: str) -> RotationState:
        """What was noted before, or of another user, tells nothing about this user's keys."""
        intents = self.intents if user_id == self.user_id else {}
        return replace(self, user_name=user_name, user_id=user_id, intents=intents)

    def with_intent(self, token: str, existing: Collection[str], at: datetime) -> RotationState:
        """Of the keys, the first that was written holds: whatever came after it was not there before."""
        first = self.intents.get(token)
        intent = Intent(existing=first.existing if first else frozenset(existing), at=at)
        return replace(self, intents={**self.intents, token: intent})

    def without_intent(self, token: str) -> RotationState:
        return replace(self, intents={other: it for other, it in self.intents.items() if other != token})

    def with_made(self, access_key_id: str, token: str, at: datetime) -> RotationState:
        if self.record_of(access_key_id):
            return self
        made = CreatedKey(access_key_id=access_key_id, token=token, at=at)
        return replace(self, made=(*self.made, made)[-_REMEMBERED:])

    def with_tested(self, access_key_id: str, at: datetime) -> RotationState:
        return self._with_record(access_key_id, lambda made: replace(made, tested=True, at=at))

    def with_promotion_begun(self, access_key_id: str, at: datetime) -> RotationState:
        return self._with_record(access_key_id, lambda made: replace(made, at=at))

    def given_up(self, access_key_ids: Collection[str]) -> RotationState:
        """From here on no run promotes them, so that they may be deleted."""
        made = tuple(
            replace(one, token="") if one.access_key_id in access_key_ids else one for one in self.made
        )
        return replace(self, made=made)

    def with_abandoned(self, token: str) -> RotationState:
        state = self.given_up(self.made_under(token))
        return replace(state, abandoned=_with(self.abandoned, token))

    def with_promoted(self, access_key_id: str) -> RotationState:
        record = self.record_of(access_key_id)
        state = self._with_record(access_key_id, lambda made: replace(made, promoted=True))
        return replace(state, finished=_with(self.finished, record.token)) if record else state

    def with_superseded(self, superseded: Superseded) -> RotationState:
        """In the place of what was noted of the same key."""
        others = tuple(one for one in self.superseded if one.access_key_id != superseded.access_key_id)
        return replace(self, superseded=(*others, superseded))

    def without_superseded(self, access_key_id: str) -> RotationState:
        kept = tuple(one for one in self.superseded if one.access_key_id != access_key_id)
        return replace(self, superseded=kept)

    def _with_record(self, access_key_id: str, change: Callable[[CreatedKey], CreatedKey]) -> RotationState:
        made = tuple(change(one) if one.access_key_id == access_key_id else one for one in self.made)
        return replace(self, made=made)


def _with(tokens: tuple[str, ...], token: str) -> tuple[str, ...]:
    """The last so many, the newest at the end."""
    others = tuple(one for one in tokens if one != token)
    return (*others, token)[-_REMEMBERED:] if token else tokens
