"""The ledger's entry for one access key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lambdas.aws.domain.iam import ACTIVE, ROOT, KeyChange, LastUse
from lambdas.aws.domain.iam_events import CREATE_KEY, DELETE_KEY, UPDATE_KEY
from lambdas.ledger.domain.observation import Observed, latest
from lambdas.ledger.domain.occurrence import Occurrence, merge_unique

DELETED = "Deleted"
_STATUSES_KEPT = 4


@dataclass(frozen=True, kw_only=True)
class KeyEntry:
    access_key_id: str
    owner_name: Observed[str] | None = None  # the value is ROOT for a key of the root user
    owner_id: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    created_from: str = ""  # the source of the call that created it
    creation_recorded_at: datetime | None = None  # the time of the record that named `created_by`
    recorded_status: Observed[str] | None = None  # the latest from a record, which has who set it
    statuses: tuple[Observed[str], ...] = ()  # the latest ones that records set, newest first
    listed_status: Observed[str] | None = None  # the latest from a listing
    last_listed_at: datetime | None = None
    deletion: Occurrence | None = None
    exposed_at: datetime | None = None  # when AWS Health first reported it as exposed
    last_use: LastUse | None = None
    use_checked_at: datetime | None = None  # when IAM was last asked for `last_use`
    longest_pause_seconds: int = 0  # between two uses, as far as the readings of `last_use` show it

    @property
    def owner(self) -> str:
        """The owner's name; empty if unknown."""
        return self.owner_name.value if self.owner_name else ""

    @property
    def creation_known_at(self) -> datetime:
        """Entries that were written without the time of the record have that of the creation."""
        return self.creation_recorded_at or self.created_at or datetime.max.replace(tzinfo=UTC)

    @property
    def status(self) -> Observed[str] | None:
        """The later observation. If both agree, the record's, which has who set it, and since when."""
        recorded, listed = self.recorded_status, self.listed_status
        if recorded is None or listed is None:
            return recorded or listed
        agree = listed.value == recorded.value and not recorded.conflicting
        return recorded if agree or recorded.rank >= listed.rank else listed

    @property
    def state(self) -> str:
        """Deleted, or the status as IAM names it."""
        if self.deletion:
            return DELETED
        return self.status.value if self.status else ACTIVE

    @property
    def reactivation(self) -> Occurrence | None:
        """When the key became active again; None if it is not active, or is not known to have been inactive.
        If only a listing shows it, at some moment since the deactivation.
        """
        recorded, status = self.recorded_status, self.status
        if recorded is None or status is None or status.value != ACTIVE or recorded.at == self.created_at:
            return None
        if recorded.value == ACTIVE:
            return Occurrence(after=recorded.at, until=recorded.at, by=recorded.by)
        return Occurrence(after=recorded.at, until=status.at)

    @property
    def has_conflict(self) -> bool:
        """Whether records of one second contradict each other, so that IAM must be asked for the status."""
        return bool(self.status and self.status.conflicting and not self.deletion)

    @property
    def last_known_at(self) -> datetime | None:
        """The last moment at which the key is known to have existed."""
        observed = (status.at for status in (self.recorded_status, self.listed_status) if status)
        return max(filter(None, (self.created_at, self.last_listed_at, *observed)), default=None)

    @property
    def last_known_owned_at(self) -> datetime | None:
        """The last moment at which the key, or its owner under the current name, is known to have existed."""
        named_at = self.owner_name.at if self.owner_name else None
        return max(filter(None, (self.last_known_at, named_at)), default=None)

    def pause_before(self, use: LastUse | None) -> int:
        """For how many seconds the key was surely unused before `use`, which was read after `last_use`: up to
        the moment at which IAM still reported the earlier use.
        """
        before, checked_at = self.last_use, self.use_checked_at
        if use is None or before is None or checked_at is None or use.at <= before.at:
            return 0
        return max(0, int((min(checked_at, use.at) - before.at).total_seconds()))

    @property
    def history(self) -> tuple[KeyChange, ...]:
        """The changes on record, newest first, as CloudTrail's history would list them. A listing only shows
        the time of the creation.
        """
        return tuple(sorted(self._changes(), key=lambda change: change.at, reverse=True))

    def _changes(self) -> Iterator[KeyChange]:
        user = "" if self.owner == ROOT else self.owner
        if self.created_at:
            yield KeyChange(
                event_name=CREATE_KEY,
                at=self.created_at,
                by=self.created_by,
                user_name=user,
                source=self.created_from,
            )
        status = self.recorded_status if self.recorded_status == self.status else None
        if status and status.by and (status.value != ACTIVE or status.at != self.created_at):
            yield KeyChange(
                event_name=UPDATE_KEY, at=status.at, by=status.by, user_name=user, status=status.value
            )
        deletion = self.deletion
        if deletion and deletion.by is not None:
            yield KeyChange(event_name=DELETE_KEY, at=deletion.until, by=deletion.by, user_name=user)


def merge_keys(one: KeyEntry, other: KeyEntry) -> KeyEntry:
    """Both must be of the same key."""
    last_listed_at = _choose(max, one.last_listed_at, other.last_listed_at)
    first = _first_recorded(one, other)
    return KeyEntry(
        access_key_id=one.access_key_id,
        owner_name=latest(one.owner_name, other.owner_name),
        owner_id=max(one.owner_id, other.owner_id),
        created_at=_choose(min, one.created_at, other.created_at),
        created_by=first.created_by,
        created_from=first.created_from,
        creation_recorded_at=first.creation_recorded_at,
        recorded_status=latest(one.recorded_status, other.recorded_status),
        statuses=_latest_statuses(one, other),
        listed_status=latest(one.listed_status, other.listed_status),
        last_listed_at=last_listed_at,
        exposed_at=_choose(min, one.exposed_at, other.exposed_at),
        deletion=_merge_deletion(one, other, last_listed_at),
        last_use=max(
            (use for use in (one.last_use, other.last_use) if use),
            key=lambda use: (use.at, use.service, use.region),
            default=None,
        ),
        use_checked_at=_choose(max, one.use_checked_at, other.use_checked_at),
        longest_pause_seconds=max(one.longest_pause_seconds, other.longest_pause_seconds),
    )


def _first_recorded(one: KeyEntry, other: KeyEntry) -> KeyEntry:
    """A key is created once, so a later record of its creation proves nothing."""
    if not (one.created_by and other.created_by):
        return one if one.created_by else other
    return min(one, other, key=lambda entry: (entry.creation_known_at, entry.created_by, entry.created_from))


def _latest_statuses(one: KeyEntry, other: KeyEntry) -> tuple[Observed[str], ...]:
    known = sorted({*one.statuses, *other.statuses}, key=lambda it: (it.at, it.value, it.by), reverse=True)
    return tuple(known[:_STATUSES_KEPT])


def _merge_deletion(one: KeyEntry, other: KeyEntry, last_listed_at: datetime | None) -> Occurrence | None:
    """Deleted keys cannot be restored, so a key that was listed later had not been deleted when a listing
    lacked it.
    """
    known = [deletion for deletion in (one.deletion, other.deletion) if deletion]
    return merge_unique(
        deletion
        for deletion in known
        if deletion.is_recorded or not last_listed_at or last_listed_at <= deletion.until
    )


def _choose(choose: Callable[..., datetime], one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment]
    return choose(known) if known else None
