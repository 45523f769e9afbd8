"""Phrases that several causes share: times, people, keys, last uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.inert_text import inert, inert_account

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lambdas.domain.evidence import KeyChange, LastUse, ListedKey
    from lambdas.domain.home import Home

HISTORY_DAYS = 90
WRONG_SIGNATURE = (
    "The signature does not match: the secret access key is not the one of this id, or holds a hidden"
    " character, or the caller's clock is more than 15 minutes off."
)


def moment(at: datetime) -> str:
    """`at` must be in UTC: `2026-01-31 13:05:09 UTC`."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def done_by(verb: str, change: KeyChange | None) -> str:
    """Who made the change, or that CloudTrail's history does not tell."""
    if change is None:
        return f"Who {verb} it is not in CloudTrail's history of {HISTORY_DAYS} days."
    return f"{inert(change.by)} {verb} it at {moment(change.at)}."


def last_used(use: LastUse | None) -> str:
    if use is None:
        return "IAM has no record of its last use."
    return f"Last good use: {inert(use.service)} in {inert(use.region)}, {moment(use.at)}."


def other_keys(keys: Iterable[ListedKey]) -> str:
    listed = ", ".join(f"{key.access_key_id} ({inert(key.status)})" for key in keys)
    return f"The owner's other keys: {listed or 'none'}."


def foreign_account(account: str, home: Home, told_by: str = "Its id") -> str:
    return f"{told_by} names account {inert_account(home.account_label(account))}, not {home.account}."
