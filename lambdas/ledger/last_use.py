"""Reads from IAM when a key was last used. A missing permission is never taken for "never used"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from lambdas.aws.domain.iam import ROOT, LastUse, ListedKey, Resolved
from lambdas.aws.domain.wording import last_use_clause
from lambdas.aws.ports import Keys
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.ports import Ledger


def read_last_use(iam: Keys, access_key_id: str) -> LastUse | None:
    """For a key that IAM lists. None if it was never used. Raises TransientError if IAM does not say."""
    answer = iam.look_up(access_key_id)
    if not isinstance(answer, Resolved):
        raise TransientError("IAM does not report when a key that it lists was used")
    return answer.last_use


def describe_keys(iam: Keys, listed: Iterable[ListedKey], known: Mapping[str, LastUse | None]) -> list[str]:
    """Each key with its status and last use. `known` are last uses that were already read."""
    return [f"{key.access_key_id} ({key.status}, {_describe_use(iam, key, known)})" for key in listed]


def _describe_use(iam: Keys, key: ListedKey, known: Mapping[str, LastUse | None]) -> str:
    if key.access_key_id in known:
        return last_use_clause(known[key.access_key_id])
    try:
        return last_use_clause(read_last_use(iam, key.access_key_id))
    except TransientError:  # a refusal is sent without waiting for IAM
        return "last use unknown, because IAM did not answer"


def update_last_use(iam: Keys, ledger: Ledger, entry: KeyEntry, at: datetime) -> KeyEntry:
    """Reads the last use into the ledger. A deleted key keeps the use that IAM reported before. Raises
    TransientError if IAM does not answer or a permission is missing.
    """
    use = find_last_use(iam, entry)
    checked = KeyEntry(
        access_key_id=entry.access_key_id,
        last_use=use,
        use_checked_at=at,
        longest_pause_seconds=entry.pause_before(use),
    )
    return ledger.merge_key(checked)


def find_last_use(iam: Keys, entry: KeyEntry) -> LastUse | None:
    """None for a key that was never used, was deleted, or belongs to the root user."""
    answer = iam.look_up(entry.access_key_id)
    if isinstance(answer, Resolved):
        return answer.last_use
    if entry.owner in {"", ROOT}:
        return None
    listed = iam.list_keys(entry.owner) or ()
    if any(key.access_key_id == entry.access_key_id for key in listed):
        raise TransientError("IAM lists a key that it does not resolve: a permission may be missing")
    return None
