"""Phrases that several causes share: times, people, keys, last uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.wording import moment
from lambdas.text import sanitize, sanitize_account

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.aws.domain.deployment import Deployment
    from lambdas.aws.domain.iam import KeyChange, ListedKey
    from lambdas.diagnosis.domain.evidence import Evidence
    from lambdas.ledger.domain.occurrence import Occurrence

HISTORY_DAYS = 90

WRONG_SIGNATURE = (
    "The signature does not match: the secret access key is not the one of this id, or holds a hidden"
    " character, or the caller's clock is more than 15 minutes off."
)


def done_by(verb: str, change: KeyChange | None, what: str = "it") -> str:
    """Who made the change, or that nothing tells."""
    if change is None:
        return f"Who {verb} {what} is neither in the ledger nor in CloudTrail's last {HISTORY_DAYS} days."
    return f"{sanitize(change.by)} {verb} {what} at {moment(change.at)}."


def deleted_by(change: KeyChange | None, deletion: Occurrence | None, what: str = "it") -> str:
    """Who deleted it and when, or between which moments it was gone when a sync of the ledger came by."""
    if change is None and deletion and not deletion.recorded:
        since = f"between {moment(deletion.after)} and" if deletion.after else "before"
        return f"Somebody deleted {what} {since} {moment(deletion.until)}: a sync found it gone."
    if change is None and deletion:
        return f"{sanitize(deletion.by)} deleted {what} at {moment(deletion.until)}."
    return done_by("deleted", change, what)


def description_of(evidence: Evidence) -> tuple[str, ...]:
    return (f"The owner describes it as: {sanitize(evidence.description)}.",) if evidence.description else ()


def other_keys(keys: Iterable[ListedKey]) -> str:
    listed = ", ".join(f"{key.access_key_id} ({sanitize(key.status)})" for key in keys)
    return f"The owner's other keys: {listed or 'none'}."


def foreign_account(account: str, home: Deployment, told_by: str = "Its id") -> str:
    return f"{told_by} names account {sanitize_account(home.account_label(account))}, not {home.account}."
