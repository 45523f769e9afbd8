"""Which key may be deleted to free a slot for a new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from lambdas.aws.domain.iam import LastUse, ListedKey


def removable_key(
    keys: Collection[ListedKey],
    named: Collection[str],
    uses: Mapping[str, LastUse | None],
    unused_since: datetime,
) -> str:
    """The oldest inactive key that no version of the secret names and that was not used since then; empty
    if there is none.
    """
    removable = [
        key
        for key in keys
        if not key.is_active
        and key.access_key_id not in named
        and _last_activity(key, uses.get(key.access_key_id)) < unused_since
    ]
    oldest = min(removable, key=lambda key: (key.created_at, key.access_key_id), default=None)
    return oldest.access_key_id if oldest else ""


def _last_activity(key: ListedKey, use: LastUse | None) -> datetime:
    return use.at if use else key.created_at
