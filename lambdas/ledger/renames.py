"""Keeps keys with their user when it is renamed, whether a record or a listing shows it."""

from __future__ import annotations

from dataclasses import replace

from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.ledger.ports import Ledger

_MAX_RENAMINGS = 10


def move_keys(ledger: Ledger, old_name: str, renaming: Observed[str]) -> None:
    """Moves the keys that were under the old name at the time of the renaming, recently deleted ones too. A
    reader of an older one follows the renaming.
    """
    owner = find_current_name(ledger, replace(renaming, confirmed=True))
    for key in ledger.recent_keys(old_name):
        if key.owner_name and key.owner_name.at <= renaming.at:
            ledger.merge_key(KeyEntry(access_key_id=key.access_key_id, owner_name=owner))


def find_current_name(ledger: Ledger, owner: Observed[str], known: UserEntry | None = None) -> Observed[str]:
    """Follows all renamings since the name was observed. `known` is the name's entry, if it was read."""
    for _ in range(_MAX_RENAMINGS):
        user = known if known and known.name == owner.value else ledger.user(owner.value)
        renaming = user.renaming_since(owner.at) if user else None
        if renaming is None:
            break
        owner = replace(renaming, confirmed=True)
    return owner
