"""A user's keys follow it through its renamings, whichever record or listing tells of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.ledger.domain.key_entry import KeyEntry

if TYPE_CHECKING:
    from lambdas.ledger.domain.observation import Observed
    from lambdas.ledger.ports import Ledger

_RENAMINGS_FOLLOWED = 10


def follow_renaming(ledger: Ledger, old_name: str, renaming: Observed[str]) -> None:
    """Of the keys under the old name those that were there at the time, dead ones too."""
    owner = present_name(ledger, replace(renaming, settled=True))
    for key in ledger.of_owner(old_name).keys:
        if key.owner_name and key.owner_name.at <= renaming.at:
            ledger.merge_key(KeyEntry(access_key_id=key.access_key_id, owner_name=owner))


def present_name(ledger: Ledger, owner: Observed[str]) -> Observed[str]:
    """Another one than was noted, if the user was renamed since."""
    for _ in range(_RENAMINGS_FOLLOWED):
        user = ledger.user(owner.value)
        renaming = user.name_since(owner.at) if user else None
        if renaming is None:
            break
        owner = replace(renaming, settled=True)
    return owner
