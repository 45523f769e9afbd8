"""When a key was last used, as IAM tells: a look-up that a missing permission foils says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.errors import TransientError
from lambdas.domain.ledger.key_entry import ROOT
from lambdas.domain.ports import Resolved

if TYPE_CHECKING:
    from lambdas.domain.evidence import LastUse
    from lambdas.domain.ledger.key_entry import KeyEntry
    from lambdas.domain.ports import Keys


def last_use_of_listed(iam: Keys, access_key_id: str) -> LastUse | None:
    """None for a key that was never used. Raises TransientError where IAM does not tell of it."""
    answer = iam.look_up(access_key_id)
    if not isinstance(answer, Resolved):
        raise TransientError("IAM does not tell when a key that it lists was used")
    return answer.last_use


def last_use_of(iam: Keys, entry: KeyEntry) -> LastUse | None:
    """None for a key that was never used, is gone, or is the root user's. Raises TransientError when IAM
    does not answer or a permission is missing.
    """
    answer = iam.look_up(entry.access_key_id)
    if isinstance(answer, Resolved):
        return answer.last_use
    if entry.owner in {"", ROOT}:
        return None
    listed = iam.keys_of(entry.owner) or ()
    if any(key.access_key_id == entry.access_key_id for key in listed):
        raise TransientError("IAM lists a key that it does not resolve: a permission may be missing")
    return None
