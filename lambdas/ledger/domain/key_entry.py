"""The ledger's entry of one access key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import ACTIVE
from lambdas.ledger.domain.observation import latest
from lambdas.ledger.domain.occurrence import one_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.aws.domain.iam import LastUse
    from lambdas.ledger.domain.observation import Observed
    from lambdas.ledger.domain.occurrence import Occurrence

DELETED = "Deleted"


@dataclass(frozen=True, kw_only=True)
class KeyEntry:
    """`switched` is the status that a record told last, and who set it; `listed` the one that a listing
    told last. `seen` is when a listing last had the key, `use_asked_at` when IAM was last asked for
    `last_use`. `owner_name` is ROOT for the root user's key.
    """

    access_key_id: str
    owner_name: Observed[str] | None = None
    owner_id: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    switched: Observed[str] | None = None
    listed: Observed[str] | None = None
    seen: datetime | None = None
    deletion: Occurrence | None = None
    last_use: LastUse | None = None
    use_asked_at: datetime | None = None

    @property
    def owner(self) -> str:
        """Empty where nothing has named one yet."""
        return self.owner_name.value if self.owner_name else ""

    @property
    def status(self) -> Observed[str] | None:
        """The later of the two; where they agree, the record's, which knows who it was and since when."""
        switched, listed = self.switched, self.listed
        if switched is None or listed is None:
            return switched or listed
        confirmed = listed.value == switched.value and not switched.disputed
        return switched if confirmed or switched.rank >= listed.rank else listed

    @property
    def state(self) -> str:
        """Deleted, or IAM's word for its status."""
        if self.deletion:
            return DELETED
        return self.status.value if self.status else ACTIVE

    @property
    def is_unsettled(self) -> bool:
        """Records of one second contradict each other: IAM has to be asked how it ended."""
        return bool(self.status and self.status.disputed and not self.deletion)

    @property
    def known_alive_at(self) -> datetime | None:
        """The last moment at which it is known to have existed."""
        noted = (note.at for note in (self.switched, self.listed) if note)
        return max(filter(None, (self.created_at, self.seen, *noted)), default=None)

    @property
    def known_owned_at(self) -> datetime | None:
        """The last moment at which it, or its owner under the present name, is known to have been there."""
        named = self.owner_name.at if self.owner_name else None
        return max(filter(None, (self.known_alive_at, named)), default=None)


def merge_keys(one: KeyEntry, other: KeyEntry) -> KeyEntry:
    """Both must be of the same key."""
    seen = _most(max, one.seen, other.seen)
    return KeyEntry(
        access_key_id=one.access_key_id,
        owner_name=latest(one.owner_name, other.owner_name),
        owner_id=max(one.owner_id, other.owner_id),
        created_at=_most(min, one.created_at, other.created_at),
        created_by=max(one.created_by, other.created_by),
        switched=latest(one.switched, other.switched),
        listed=latest(one.listed, other.listed),
        seen=seen,
        deletion=_deletion(one, other, seen),
        last_use=max(
            (use for use in (one.last_use, other.last_use) if use),
            key=lambda use: (use.at, use.service, use.region),
            default=None,
        ),
        use_asked_at=_most(max, one.use_asked_at, other.use_asked_at),
    )


def _deletion(one: KeyEntry, other: KeyEntry, seen: datetime | None) -> Occurrence | None:
    """No key comes back: one that was listed since was not deleted when a listing lacked it."""
    told = [deletion for deletion in (one.deletion, other.deletion) if deletion]
    return one_of(deletion for deletion in told if deletion.recorded or not seen or seen <= deletion.until)


def _most(choose: Callable[..., datetime], one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment]
    return choose(known) if known else None
