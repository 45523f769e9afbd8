"""Who created the keys of a user, and whether it creates another whenever one is deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from lambdas.aws.domain.wording import moment
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.ports import Ledger
from lambdas.text import sanitize

_AGAIN = 2


def describe_origins(
    ledger: Ledger, owner: str, held: Collection[str], is_own: Callable[[str], bool]
) -> list[str]:
    """Clauses about the held keys of a user that has no free slot, as far as the ledger knows who created
    them. `is_own` says whether one of our rotations created a key: its role creates many keys too.
    """
    try:
        entries = [entry for entry in ledger.recent_keys(owner) if entry.created_by]
    except TransientError:  # a refusal is sent without waiting for the ledger
        return ["who created the keys could not be read"]
    own = {entry.created_by for entry in entries if is_own(entry.access_key_id)}
    of_others = [entry for entry in entries if entry.created_by not in own]
    created = [_creation(entry) for entry in of_others if entry.access_key_id in held]
    creators = dict.fromkeys(entry.created_by for entry in of_others if entry.access_key_id in held)
    return [*created, *(line for by in creators for line in _repetition(by, of_others))]


def _creation(entry: KeyEntry) -> str:
    at = f" at {moment(entry.created_at)}" if entry.created_at else ""
    return f"{sanitize(entry.created_by)} created {entry.access_key_id}{at}"


def _repetition(creator: str, entries: Iterable[KeyEntry]) -> list[str]:
    theirs = [entry for entry in entries if entry.created_by == creator]
    deleted = sum(entry.deletion is not None for entry in theirs)
    if len(theirs) < _AGAIN or not deleted:
        return []
    count = (
        f"{sanitize(creator)} has created {len(theirs)} keys of this user, and {deleted} of them were deleted"
    )
    tool = "a tool such as Terraform creates another key when one is deleted"
    return [f"{count}: {tool}, so remove the key from its configuration first"]
