"""When a key was last used, as IAM tells: a look-up that a missing permission foils says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import ROOT, Resolved
from lambdas.aws.domain.wording import used_lately
from lambdas.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambdas.aws.domain.iam import LastUse, ListedKey
    from lambdas.aws.ports import Keys
    from lambdas.ledger.domain.key_entry import KeyEntry


def last_use_of_listed(iam: Keys, access_key_id: str) -> LastUse | None:
    """None for a key that was never used. Raises TransientError where IAM does not tell of it."""
    answer = iam.look_up(access_key_id)
    if not isinstance(answer, Resolved):
        raise TransientError("IAM does not tell when a key that it lists was used")
    return answer.last_use


def with_last_use(iam: Keys, listed: Iterable[ListedKey], known: Mapping[str, LastUse | None]) -> list[str]:
    """Each key with its status and last use, in words: a refusal waits for no answer. `known` need not be
    asked for.
    """
    return [f"{key.access_key_id} ({key.status}, {_use_in_words(iam, key, known)})" for key in listed]


def _use_in_words(iam: Keys, key: ListedKey, known: Mapping[str, LastUse | None]) -> str:
    if key.access_key_id in known:
        return used_lately(known[key.access_key_id])
    try:
        return used_lately(last_use_of_listed(iam, key.access_key_id))
    except TransientError:
        return "last use unknown, because IAM did not tell"


def last_use_of(iam: Keys, entry: KeyEntry) -> LastUse | None:
    """None for a key that was never used, is gone, or is the root user's. Raises TransientError when IAM
    does not answer or a permission is missing.
    """
    answer = iam.look_up(entry.access_key_id)
    if isinstance(answer, Resolved):
        return answer.last_use
    if entry.owner in {"", ROOT}:
        return None
    listed = iam.list_keys(entry.owner) or ()
    if any(key.access_key_id == entry.access_key_id for key in listed):
        raise TransientError("IAM lists a key that it does not resolve: a permission may be missing")
    return None
