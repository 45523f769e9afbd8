"""The ledger's entry of one user's name, and of whoever has borne it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambdas.ledger.domain.observation import latest, latest_of_each
from lambdas.ledger.domain.occurrence import distinct

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lambdas.ledger.domain.observation import Observed
    from lambdas.ledger.domain.occurrence import Occurrence

_REMEMBERED = 50  # deletions and renamings of one name: some CI systems make a user for each run


@dataclass(frozen=True, kw_only=True)
class UserEntry:
    """`user_id` is of who bore the name at that moment, because IAM gives a name again to others.
    `tags` map a tag's name to its value, None once it was taken off; a listing told all of them as of
    `tags_as_of`. `renamings` tell to which name the user went.
    """

    name: str
    user_id: Observed[str] | None = None
    path: Observed[str] | None = None
    seen: datetime | None = None
    deletions: tuple[Occurrence, ...] = ()
    renamings: tuple[Observed[str], ...] = ()
    tags: Mapping[str, Observed[str | None]] = field(default_factory=dict)
    tags_as_of: datetime | None = None

    @property
    def is_unsettled(self) -> bool:
        return any(tag.disputed for tag in self.tags.values())

    @property
    def is_there(self) -> bool:
        """Whether the last that is known of the name is somebody who bears it."""
        ends = [it.until for it in self.deletions] + [it.at for it in self.renamings]
        there = self.known_there_at
        return there is not None and all(end < there for end in ends)

    @property
    def known_there_at(self) -> datetime | None:
        """The last moment at which somebody is known to have borne the name."""
        noted = (note.at for note in (self.user_id, self.path, *self.tags.values()) if note)
        return max(filter(None, (self.seen, self.tags_as_of, *noted)), default=None)

    @property
    def present_tags(self) -> dict[str, str]:
        return {name: tag.value for name, tag in self.tags.items() if tag.value is not None}

    def deletion_since(self, moment: datetime | None) -> Occurrence | None:
        """The first deletion of a user of this name after the moment; None if it is unknown. Records tell
        the second alone, and a user is often deleted in the same second as its last key.
        """
        later = (it for it in self.deletions if moment and it.until >= moment.replace(microsecond=0))
        return min(later, key=lambda it: it.until, default=None)

    def name_since(self, moment: datetime) -> Observed[str] | None:
        """To which name the user who bore this one at the moment went next."""
        return min(
            (it for it in self.renamings if it.at >= moment), key=lambda it: (it.at, it.value), default=None
        )


def _distinct_renamings(one: UserEntry, other: UserEntry) -> list[Observed[str]]:
    return sorted({*one.renamings, *other.renamings}, key=lambda it: (it.at, it.value, it.by))


def merge_users(one: UserEntry, other: UserEntry) -> UserEntry:
    """Both must be of the same name."""
    as_of = max(filter(None, (one.tags_as_of, other.tags_as_of)), default=None)
    tags = latest_of_each(one.tags, other.tags)
    return UserEntry(
        name=one.name,
        user_id=latest(one.user_id, other.user_id),
        path=latest(one.path, other.path),
        seen=max(filter(None, (one.seen, other.seen)), default=None),
        deletions=distinct((*one.deletions, *other.deletions))[-_REMEMBERED:],
        renamings=tuple(_distinct_renamings(one, other)[-_REMEMBERED:]),
        tags={name: tag for name, tag in tags.items() if as_of is None or tag.at >= as_of},
        tags_as_of=as_of,
    )
