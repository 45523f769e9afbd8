"""The ledger's entry for one user name. IAM may give the name to several users, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lambdas.ledger.domain.observation import Observed, latest, latest_by_name
from lambdas.ledger.domain.occurrence import Occurrence, merge_repeatable
from lambdas.ledger.domain.user_tags import bounded

_MAX_KEPT = 50  # deletions and renamings of one name: some CI systems create a user for each run


@dataclass(frozen=True, kw_only=True)
class UserEntry:
    name: str
    user_id: Observed[str] | None = None  # of the user who had the name at that moment
    path: Observed[str] | None = None
    last_listed_at: datetime | None = None
    deletions: tuple[Occurrence, ...] = ()
    renamings: tuple[Observed[str], ...] = ()  # the new name of each user that was renamed
    # See user_tags.py for those that are kept. The value is None if a tag was removed.
    tags: Mapping[str, Observed[str | None]] = field(default_factory=dict)
    tags_as_of: datetime | None = None  # when all tags were last read together

    @property
    def has_conflict(self) -> bool:
        """Whether records of one second contradict each other, so that IAM must be asked for the tags."""
        return any(tag.conflicting for tag in self.tags.values())

    @property
    def exists(self) -> bool:
        """Whether the last that is known of the name is that a user has it."""
        ends = [it.until for it in self.deletions] + [it.at for it in self.renamings]
        known_at = self.last_known_at
        return known_at is not None and all(end < known_at for end in ends)

    @property
    def last_known_at(self) -> datetime | None:
        """The last moment at which a user is known to have had the name."""
        observed = (it.at for it in (self.user_id, self.path, *self.tags.values()) if it)
        return max(filter(None, (self.last_listed_at, self.tags_as_of, *observed)), default=None)

    @property
    def current_tags(self) -> dict[str, str]:
        return {name: tag.value for name, tag in self.tags.items() if tag.value is not None}

    def first_deletion_since(self, moment: datetime | None) -> Occurrence | None:
        """None if there is none, or `moment` is unknown. Counts a deletion in the same second, because a user
        is often deleted right after its last key, and records have whole seconds.
        """
        later = (it for it in self.deletions if moment and it.until >= moment.replace(microsecond=0))
        return min(later, key=lambda it: it.until, default=None)

    def renaming_since(self, moment: datetime) -> Observed[str] | None:
        """The first renaming of the user who had the name at that moment."""
        return min(
            (it for it in self.renamings if it.at >= moment), key=lambda it: (it.at, it.value), default=None
        )


def merge_users(one: UserEntry, other: UserEntry) -> UserEntry:
    """Both must be of the same name."""
    as_of = max(filter(None, (one.tags_as_of, other.tags_as_of)), default=None)
    renamings = sorted({*one.renamings, *other.renamings}, key=lambda it: (it.at, it.value, it.by))
    tags = latest_by_name(one.tags, other.tags)
    return UserEntry(
        name=one.name,
        user_id=latest(one.user_id, other.user_id),
        path=latest(one.path, other.path),
        last_listed_at=max(filter(None, (one.last_listed_at, other.last_listed_at)), default=None),
        deletions=merge_repeatable((*one.deletions, *other.deletions))[-_MAX_KEPT:],
        renamings=tuple(renamings[-_MAX_KEPT:]),
        tags=bounded({name: tag for name, tag in tags.items() if as_of is None or tag.at >= as_of}),
        tags_as_of=as_of,
    )
